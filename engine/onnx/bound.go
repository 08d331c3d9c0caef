package onnx

import (
	"reflect"
	"unsafe"
)

/*
#cgo nocallback run_bound
#cgo noescape run_bound
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct {
	uintptr_t run;     // RunWithBinding
	uintptr_t release; // ReleaseStatus
} bound_api;

// Functions of onnxruntime_c_api.h's OrtApi by their places, which never change: newer versions only append.
static bound_api api_of(void *get_api_base, uint32_t version) {
	typedef struct { const uintptr_t *(*GetApi)(uint32_t version); } api_base;
	const uintptr_t *api = ((const api_base *(*)(void)) get_api_base)()->GetApi(version);
	bound_api found = {api ? api[133] : 0, api ? api[93] : 0};
	return found;
}

static bound_api open_api(const char *path, uint32_t version) {
	bound_api found = {0, 0};
	void *handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	void *get_api_base = handle ? dlsym(handle, "OrtGetApiBase") : 0;
	if (get_api_base) found = api_of(get_api_base, version);
	if (handle) dlclose(handle); // the binding has it open
	return found;
}

// Numbers, because cgo looks at each pointer that it is given. What went wrong is not told: the caller tries another way.
static int run_bound(bound_api api, uintptr_t session, uintptr_t options, uintptr_t binding) {
	void *(*run)(uintptr_t, uintptr_t, uintptr_t) = (void *(*)(uintptr_t, uintptr_t, uintptr_t)) api.run;
	void *status = run(session, options, binding);
	if (!status) return 1;
	((void (*)(void *)) api.release)(status);
	return 0;
}
*/
import "C"

// boundAPI runs sessions on values that are bound to them: a small model takes a fifth less so. The binding can do that too, but then
// nothing can stop the run.
type boundAPI struct{ functions C.bound_api }

// openBoundAPI looks in the library that the binding has open.
func openBoundAPI(path string) boundAPI {
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	return boundAPI{C.open_api(cPath, minMinor)}
}

func (a boundAPI) isThere() bool { return a.functions.run != 0 }

// run says whether the run worked.
func (a boundAPI) run(session, options, binding uintptr) bool {
	return C.run_bound(a.functions, C.uintptr_t(session), C.uintptr_t(options), C.uintptr_t(binding)) != 0
}

// handle is the pointer to a C struct in a private field of a value of the binding's, 0 if another version of it has no such pointer there.
func handle(of any, to string, fields ...string) uintptr {
	at := reflect.ValueOf(of)
	for _, name := range fields {
		if at = reflect.Indirect(at); at.Kind() != reflect.Struct {
			return 0
		}
		at = at.FieldByName(name)
	}
	if at.Kind() != reflect.Pointer || at.Type().Elem().Name() != "_Ctype_struct_"+to {
		return 0
	}
	return at.Pointer()
}

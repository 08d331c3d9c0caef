package onnx

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"
)

/*
#cgo LDFLAGS: -ldl
#cgo linux CFLAGS: -D_GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// The head of onnxruntime_c_api.h's OrtApiBase, which has kept its layout since ONNX Runtime 1.0.
typedef struct {
	const void *(*GetApi)(uint32_t version);
	const char *(*GetVersionString)(void);
} api_base;

// The loader keeps an error per thread, and a goroutine may change threads between two calls: both are one call here.
static void *open_library(const char *path, const char **reason) {
	void *handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	const char *why = handle ? NULL : dlerror();
	*reason = why ? strdup(why) : NULL; // the thread's next error would overwrite it
	return handle;
}

static const char *version_of(void *get_api_base) {
	const api_base *base = ((const api_base *(*)(void)) get_api_base)();
	return base ? base->GetVersionString() : NULL;
}

static const char *file_of(void *symbol) {
	Dl_info info;
	return dladdr(symbol, &info) ? info.dli_fname : NULL;
}
*/
import "C"

// minMinor is the oldest 1.x release that the binding accepts: onnxruntime_go v1.27 asks for ORT_API_VERSION 24, and an older library
// answers that by a line on descriptor 2 and a bare `Error setting ORT API base: 2`. So the version is read before the binding sees the file.
const minMinor = 24

// probe opens the library as the loader does and returns its file and version.
func probe(path string) (file, version string, err error) {
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	var reason *C.char
	handle := C.open_library(cPath, &reason)
	if handle == nil {
		defer C.free(unsafe.Pointer(reason))
		return "", "", errors.New(strings.TrimPrefix(C.GoString(reason), path+": "))
	}
	defer C.dlclose(handle)
	cName := C.CString("OrtGetApiBase")
	defer C.free(unsafe.Pointer(cName))
	symbol := C.dlsym(handle, cName)
	if symbol == nil {
		return "", "", errors.New("it is a library, but not ONNX Runtime: it has no OrtGetApiBase")
	}
	file = path
	if name := C.file_of(symbol); name != nil && !strings.ContainsRune(path, '/') {
		file = C.GoString(name)
	}
	return file, C.GoString(C.version_of(symbol)), nil
}

// checkVersion tells whether the binding can use this version.
func checkVersion(version string) error {
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		return fmt.Errorf("its version %q cannot be read", version)
	}
	if major != 1 || minor < minMinor {
		return fmt.Errorf("it is version %s, and Joey needs 1.%d or newer", version, minMinor)
	}
	return nil
}

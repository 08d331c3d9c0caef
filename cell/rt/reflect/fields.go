package reflect

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"
)

// structure is the struct type that only the checker knows.
func (t *rtype) structure(asked string) *types.Struct {
	u, ok := t.under().(*types.Struct)
	if !ok {
		fail("reflect: %s of non-struct type %s", asked, t)
	}
	return u
}

func (t *rtype) NumField() int {
	if t.compiled != nil {
		defer raise()
		return t.compiled.NumField()
	}
	return t.structure("NumField").NumFields()
}

func (t *rtype) Field(i int) StructField {
	if t.compiled != nil {
		defer raise()
		return t.wrapField(t.compiled.Field(i))
	}
	s := t.structure("Field")
	if i < 0 || i >= s.NumFields() {
		fail("reflect: Field index out of bounds")
	}
	f := s.Field(i)
	return StructField{
		Name:      f.Name(),
		PkgPath:   hiddenIn(f),
		Type:      t.m.of(f.Type()),
		Tag:       reflect.StructTag(s.Tag(i)),
		Offset:    uintptr(sizes.Offsetsof(slices.Collect(s.Fields()))[i]),
		Index:     []int{i},
		Anonymous: f.Embedded(),
	}
}

// hiddenIn is the path of the package that a field or method cannot be used outside of.
func hiddenIn(obj types.Object) string {
	if obj.Exported() || obj.Pkg() == nil {
		return ""
	}
	return obj.Pkg().Path()
}

func (t *rtype) wrapField(f reflect.StructField) StructField {
	return StructField{f.Name, f.PkgPath, t.wrap(f.Type), f.Tag, f.Offset, f.Index, f.Anonymous}
}

func (t *rtype) FieldByIndex(index []int) (f StructField) {
	for n, i := range index {
		at := t
		if n > 0 {
			if at = desc(f.Type); at.Kind() == reflect.Pointer && at.Elem().Kind() == reflect.Struct {
				at = desc(at.Elem())
			}
		}
		f = at.Field(i)
	}
	f.Index = slices.Clone(index)
	return f
}

func (t *rtype) FieldByName(name string) (StructField, bool) {
	if t.compiled != nil {
		defer raise()
		f, ok := t.compiled.FieldByName(name)
		if !ok {
			return StructField{}, false
		}
		return t.wrapField(f), true
	}
	t.structure("FieldByName")
	return t.search(func(n string) bool { return n == name })
}

func (t *rtype) FieldByNameFunc(match func(string) bool) (StructField, bool) {
	if t.Kind() != reflect.Struct {
		fail("reflect: FieldByNameFunc of non-struct type %s", t)
	}
	return t.search(match)
}

// embedded is a struct on the way of a search, and how it was reached.
type embedded struct {
	t     *rtype
	index []int
}

// search looks for a field level by level, as Go's selectors do. Two on one level hide each other, and what lies deeper.
func (t *rtype) search(match func(string) bool) (found StructField, ok bool) {
	visited := map[*rtype]bool{}
	for level := []embedded{{t: t}}; len(level) > 0; {
		times := map[*rtype]int{}
		for _, e := range level {
			times[e.t]++
		}
		hits := 0
		var next []embedded
		for _, e := range level {
			if visited[e.t] {
				continue
			}
			visited[e.t] = true
			for i := range e.t.NumField() {
				f := e.t.Field(i)
				f.Index = append(slices.Clone(e.index), i)
				if match(f.Name) {
					found, hits = f, hits+times[e.t]
				} else if s := f.embeds(); s != nil {
					next = append(next, slices.Repeat([]embedded{{s, f.Index}}, times[e.t])...)
				}
			}
		}
		if hits > 0 {
			if hits > 1 {
				found = StructField{}
			}
			return found, hits == 1
		}
		level = next
	}
	return StructField{}, false
}

// embeds is the struct that an embedded field promotes fields of.
func (f StructField) embeds() *rtype {
	if !f.Anonymous {
		return nil
	}
	t := desc(f.Type)
	if t.Name() == "" && t.Kind() == reflect.Pointer {
		t = desc(t.Elem())
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// VisibleFields is reflect.VisibleFields.
func VisibleFields(typ Type) []StructField {
	t := desc(typ)
	if t.Kind() != reflect.Struct {
		fail("reflect.VisibleFields of non-struct type")
	}
	var all []StructField
	t.walk(nil, map[*rtype]bool{}, func(f StructField) { all = append(all, f) })
	depth := map[string]int{}
	count := map[string]int{}
	for _, f := range all {
		key := fmt.Sprintf("%s/%d", f.Name, len(f.Index))
		count[key]++
		if d, seen := depth[f.Name]; !seen || len(f.Index) < d {
			depth[f.Name] = len(f.Index)
		}
	}
	return slices.DeleteFunc(all, func(f StructField) bool {
		return len(f.Index) > depth[f.Name] || count[fmt.Sprintf("%s/%d", f.Name, len(f.Index))] > 1
	})
}

func (t *rtype) walk(index []int, visiting map[*rtype]bool, yield func(StructField)) {
	if visiting[t] {
		return
	}
	visiting[t] = true
	defer delete(visiting, t)
	for i := range t.NumField() {
		f := t.Field(i)
		f.Index = append(slices.Clone(index), i)
		yield(f)
		if s := f.embeds(); s != nil {
			s.walk(f.Index, visiting, yield)
		}
	}
}

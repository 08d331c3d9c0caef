package wallaroo

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/joey-go/joey/engine/tensor"
)

// cellValue is a value of a type that a cell declares, which compiled code does not have.
type cellValue interface {
	GoValue() any // the same in types of compiled code
	TypeString() string
}

// parseValue takes Go values as requests: lists of values, structs and maps of those, and lists of structs and maps.
func parseValue(input any) (tensor.Input, error) {
	typ := fmt.Sprintf("%T", input)
	if c, ok := input.(cellValue); ok {
		input, typ = c.GoValue(), c.TypeString()
	}
	v := inside(reflect.ValueOf(input))
	filled := (v.Kind() == reflect.Slice || v.Kind() == reflect.Array) && v.Len() > 0
	if encodesItself(reflect.ValueOf(input)) || filled && encodesItself(inside(v.Index(0))) {
		text, err := json.Marshal(input)
		if err != nil {
			return tensor.Input{}, err
		}
		return tensor.ParseJSON(text)
	}
	if filled && isRecord(inside(v.Index(0))) {
		return parseRecords(v)
	}
	if isRecord(v) {
		fields, err := members(v)
		if err != nil {
			return tensor.Input{}, err
		}
		var in tensor.Input
		for _, m := range fields {
			if err := add(&in, m.name, m.value); err != nil {
				return tensor.Input{}, err
			}
		}
		return in, nil
	}
	if list := v.Kind() == reflect.Slice || v.Kind() == reflect.Array; !list || v.Len() > 0 && isElement(inside(v.Index(0)).Kind()) && v.Type().Elem().Kind() != reflect.Interface {
		hint := ""
		if list {
			hint = fmt.Sprintf("; a single row is []%s{row}", typ)
		}
		return tensor.Input{}, fmt.Errorf("%s cannot be sent: JSON as string or []byte, an arrow.Record, rows such as [][]float64, and maps and structs of lists can%s", typ, hint)
	}
	var in tensor.Input
	return in, add(&in, "tensor", v)
}

// encodesItself says that a value is what its MarshalJSON says and not its fields.
func encodesItself(v reflect.Value) bool {
	return v.IsValid() && v.Type().Implements(reflect.TypeFor[json.Marshaler]())
}

func parseRecords(rows reflect.Value) (tensor.Input, error) {
	first, err := members(inside(rows.Index(0)))
	if err != nil {
		return tensor.Input{}, err
	}
	columns := make([][]reflect.Value, len(first))
	for i := range rows.Len() {
		row := inside(rows.Index(i))
		if !isRecord(row) {
			return tensor.Input{}, fmt.Errorf("record %d is a %s and not a map or a struct", i, row.Kind())
		}
		all, err := members(row)
		if err != nil {
			return tensor.Input{}, err
		}
		if !slices.EqualFunc(all, first, func(a, b member) bool { return a.name == b.name }) {
			return tensor.Input{}, fmt.Errorf("record %d has the keys %v, the records before it have %v", i, keys(all), keys(first))
		}
		for j, m := range all {
			columns[j] = append(columns[j], m.value)
		}
	}
	in := tensor.Input{Table: true}
	for j, m := range first {
		if err := add(&in, m.name, reflect.ValueOf(columns[j])); err != nil {
			return tensor.Input{}, err
		}
	}
	return in, nil
}

// member is a named part of a map or a struct.
type member struct {
	name  string
	value reflect.Value
}

func keys(all []member) []string {
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.name
	}
	return names
}

func isRecord(v reflect.Value) bool {
	return v.Kind() == reflect.Struct || v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String
}

// members are a struct's exported fields in order, or a map's values by key.
func members(v reflect.Value) ([]member, error) {
	var all []member
	if v.Kind() == reflect.Map {
		entries := map[string]reflect.Value{}
		for k, value := range v.Seq2() {
			entries[k.String()] = value
		}
		for _, name := range slices.Sorted(maps.Keys(entries)) {
			all = append(all, member{name, entries[name]})
		}
	} else {
		var whole []int // an embedded struct that is a member itself, or left out: its fields are no members
		for _, f := range reflect.VisibleFields(v.Type()) {
			tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if len(whole) > 0 && len(f.Index) > len(whole) && slices.Equal(f.Index[:len(whole)], whole) {
				continue
			}
			if f.Anonymous && (tag == "-" || tag != "" && f.IsExported()) {
				whole = f.Index
			}
			if !f.IsExported() || tag == "-" || f.Anonymous && tag == "" && isStruct(f.Type) {
				continue // what is embedded has its fields in the list
			}
			value, err := v.FieldByIndexErr(f.Index)
			if err != nil {
				return nil, fmt.Errorf("%s is in a struct that is nil", cmp.Or(tag, f.Name))
			}
			all = append(all, member{cmp.Or(tag, f.Name), value})
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no fields: there is nothing to infer", v.Type())
	}
	for _, m := range all {
		if !utf8.ValidString(m.name) { // the log does not take it
			return nil, fmt.Errorf("the name %q is not UTF-8", m.name)
		}
	}
	return all, nil
}

func isStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Struct || t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
}

// inside is what a value points at, through pointers, interfaces and the types of cells. It gives up where they lead back to themselves.
func inside(v reflect.Value) reflect.Value {
	for range 100 {
		if v.Kind() == reflect.Struct && v.NumMethod() > 0 && v.CanInterface() {
			if c, ok := v.Interface().(interface{ GoValue() any }); ok {
				v = reflect.ValueOf(c.GoValue())
				continue
			}
		}
		if !v.IsValid() || v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface && v.Type() != reflect.TypeFor[reflect.Value]() {
			break
		}
		if v.Type() == reflect.TypeFor[reflect.Value]() {
			v = v.Interface().(reflect.Value)
			continue
		}
		if v.IsNil() {
			return v
		}
		v = v.Elem()
	}
	return v
}

func isElement(k reflect.Kind) bool {
	return k == reflect.Bool || k == reflect.String || k >= reflect.Int && k <= reflect.Float64 && k != reflect.Uintptr
}

// add appends a field made of nested lists.
func add(in *tensor.Input, name string, v reflect.Value) error {
	r := valueReader{name: name, rank: -1}
	if err := r.read(v, 0); err != nil {
		return err
	}
	f, err := tensor.New(name, r.shape, r.data())
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	in.Fields = append(in.Fields, f)
	return nil
}

// valueReader flattens nested lists.
type valueReader struct {
	name  string
	index []int
	shape []int64
	rank  int
	kind  reflect.Kind
	all   []reflect.Value
}

func (r *valueReader) path() string {
	var b strings.Builder
	b.WriteString(r.name)
	for _, i := range r.index {
		fmt.Fprintf(&b, "[%d]", i)
	}
	return b.String()
}

func (r *valueReader) read(v reflect.Value, level int) error {
	v = inside(v)
	switch {
	case (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil():
		return fmt.Errorf("%s is nil", r.path())
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
		return fmt.Errorf("%s is a pointer that leads back to itself", r.path())
	case isElement(v.Kind()):
		return r.element(v, level)
	case v.Kind() != reflect.Slice && v.Kind() != reflect.Array:
		return fmt.Errorf("%s is a %s: numbers, truth values, strings and lists of them can be sent", r.path(), v.Type())
	case v.Len() == 0:
		return fmt.Errorf("%s is empty: there is nothing to infer", r.path())
	case level == tensor.MaxRank: // a list that contains itself would not end
		return fmt.Errorf("%s: lists are nested more than %d deep", r.name, tensor.MaxRank)
	case level == r.rank:
		return fmt.Errorf("%s is a list where the elements before it are values", r.path())
	}
	if level == len(r.shape) {
		r.shape = append(r.shape, int64(v.Len()))
	}
	if r.shape[level] != int64(v.Len()) {
		return fmt.Errorf("%s has %d elements, the lists before it have %d: rows must have one length", r.path(), v.Len(), r.shape[level])
	}
	r.index = append(r.index, 0)
	for i := range v.Len() {
		r.index[level] = i
		if err := r.read(v.Index(i), level+1); err != nil {
			return err
		}
	}
	r.index = r.index[:level]
	return nil
}

func (r *valueReader) element(v reflect.Value, level int) error {
	if r.rank == -1 && level == len(r.shape) {
		r.rank, r.kind = level, v.Kind()
	}
	switch {
	case level != r.rank:
		return fmt.Errorf("%s is a value where the elements before it are lists", r.path())
	case v.Kind() != r.kind:
		return fmt.Errorf("%s is a %s where the elements before it are %s", r.path(), v.Kind(), r.kind)
	case len(r.all) == tensor.MaxElements:
		return errors.New(r.path() + " is one more than a request may have; send it in parts")
	}
	r.all = append(r.all, v)
	return nil
}

// data is the elements as tensors hold them; int and uint have 64 bits there.
func (r *valueReader) data() any {
	switch r.kind {
	case reflect.Bool:
		return listed(r.all, reflect.Value.Bool)
	case reflect.String:
		return listed(r.all, reflect.Value.String)
	case reflect.Int8:
		return listed(r.all, func(v reflect.Value) int8 { return int8(v.Int()) })
	case reflect.Int16:
		return listed(r.all, func(v reflect.Value) int16 { return int16(v.Int()) })
	case reflect.Int32:
		return listed(r.all, func(v reflect.Value) int32 { return int32(v.Int()) })
	case reflect.Int, reflect.Int64:
		return listed(r.all, reflect.Value.Int)
	case reflect.Uint8:
		return listed(r.all, func(v reflect.Value) uint8 { return uint8(v.Uint()) })
	case reflect.Uint16:
		return listed(r.all, func(v reflect.Value) uint16 { return uint16(v.Uint()) })
	case reflect.Uint32:
		return listed(r.all, func(v reflect.Value) uint32 { return uint32(v.Uint()) })
	case reflect.Uint, reflect.Uint64:
		return listed(r.all, reflect.Value.Uint)
	case reflect.Float32:
		return listed(r.all, func(v reflect.Value) float32 { return float32(v.Float()) })
	}
	return listed(r.all, reflect.Value.Float)
}

func listed[T any](all []reflect.Value, value func(reflect.Value) T) []T {
	out := make([]T, len(all))
	for i, v := range all {
		out[i] = value(v)
	}
	return out
}

package logs

import (
	"fmt"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/joey-go/joey/engine/tensor"
)

// Metadata of a segment's schema and of its fields.
const (
	metaFormat    = "joey.log" // formatVersion
	metaWorkspace = "joey.workspace"
	metaPipeline  = "joey.pipeline"
	metaPart      = "joey.part"
	metaModel     = "joey.model"
	metaNth       = "joey.nth"
	metaField     = "joey.field"
	metaTensor    = "joey.tensor"
)

// formatVersion moves when a reader of the version before would read a segment wrongly. The first had one input in each entry.
const (
	formatVersion = "2"
	oldestFormat  = "1"
)

// schema is the layout as an Arrow schema.
func (l layout) schema(p pipeline) *arrow.Schema {
	fields := fixed()
	taken := map[string]bool{}
	for _, c := range l {
		name := c.name()
		for n := 2; taken[name]; n++ {
			name = c.name() + "#" + strconv.Itoa(n)
		}
		taken[name] = true
		fields = append(fields, arrow.Field{Name: name, Type: c.dataType(), Nullable: true, Metadata: c.metadata()})
	}
	meta := arrow.NewMetadata([]string{metaFormat, metaWorkspace, metaPipeline},
		[]string{formatVersion, strconv.FormatInt(p.workspace, 10), p.name})
	return arrow.NewSchema(fields, &meta)
}

func (c column) metadata() arrow.Metadata {
	return arrow.NewMetadata([]string{metaPart, metaModel, metaNth, metaField, metaTensor},
		[]string{c.part, c.model, strconv.Itoa(c.nth), c.field, c.tensor})
}

// layoutOf reads a schema back.
func layoutOf(s *arrow.Schema) (pipeline, layout, error) {
	var p pipeline
	meta := s.Metadata()
	if v, _ := meta.GetValue(metaFormat); v != formatVersion && v != oldestFormat {
		return p, nil, fmt.Errorf("log format %q, this Joey reads %s and %s: update it", v, oldestFormat, formatVersion)
	}
	workspace, _ := meta.GetValue(metaWorkspace)
	p.name, _ = meta.GetValue(metaPipeline)
	var err error
	if p.workspace, err = strconv.ParseInt(workspace, 10, 64); err != nil {
		return p, nil, fmt.Errorf("workspace of the log: %w", err)
	}
	known := fixed()
	if s.NumFields() < len(known) {
		return p, nil, fmt.Errorf("%d columns, a log has at least %d", s.NumFields(), len(known))
	}
	for i, want := range known {
		if f := s.Field(i); f.Name != want.Name || !arrow.TypeEqual(f.Type, want.Type) {
			return p, nil, fmt.Errorf("column %d is %s %s, not %s %s", i, f.Name, f.Type, want.Name, want.Type)
		}
	}
	var l layout
	for _, f := range s.Fields()[len(known):] {
		c, err := columnOf(f)
		if err != nil {
			return p, nil, err
		}
		l = append(l, c)
	}
	return p, l, nil
}

func columnOf(f arrow.Field) (column, error) {
	get := func(key string) string { v, _ := f.Metadata.GetValue(key); return v }
	c := column{part: get(metaPart), model: get(metaModel), field: get(metaField), tensor: get(metaTensor)}
	var err error
	if c.nth, err = strconv.Atoi(get(metaNth)); err != nil {
		return c, fmt.Errorf("column %s: %w", f.Name, err)
	}
	if list, ok := f.Type.(*arrow.ListType); ok && c.field == fieldValues {
		c.elem, c.binary = elementOf(list.Elem())
	} else {
		c.binary = f.Type.ID() == arrow.BINARY
	}
	if (c.field == fieldValues) != (c.elem != tensor.Undefined) || !arrow.TypeEqual(f.Type, c.dataType()) {
		return c, fmt.Errorf("column %s has the type %s", f.Name, f.Type)
	}
	return c, nil
}

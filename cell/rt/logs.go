package rt

import (
	"fmt"
	"log"
	"log/slog"
	"path/filepath"
	"reflect"
)

// logging are log's functions for a call at the site: with Lshortfile or Llongfile they ask who calls. nil if the function does not.
func (r *Runtime) logging(name string, s *Site) reflect.Value {
	std := log.Default
	text := func(f string, v []any) string { return fmt.Sprintf(f, v...) }
	exit := func(l *log.Logger, t string) { r.log(l, s, t); r.exitAt(s, 1) }
	raise := func(l *log.Logger, t string) { r.log(l, s, t); panic(t) }
	var f any
	switch name {
	case "Print":
		f = func(v ...any) { r.log(std(), s, fmt.Sprint(v...)) }
	case "Printf":
		f = func(t string, v ...any) { r.log(std(), s, text(t, v)) }
	case "Println":
		f = func(v ...any) { r.log(std(), s, fmt.Sprintln(v...)) }
	case "Fatal":
		f = func(v ...any) { exit(std(), fmt.Sprint(v...)) }
	case "Fatalf":
		f = func(t string, v ...any) { exit(std(), text(t, v)) }
	case "Fatalln":
		f = func(v ...any) { exit(std(), fmt.Sprintln(v...)) }
	case "Panic":
		f = func(v ...any) { raise(std(), fmt.Sprint(v...)) }
	case "Panicf":
		f = func(t string, v ...any) { raise(std(), text(t, v)) }
	case "Panicln":
		f = func(v ...any) { raise(std(), fmt.Sprintln(v...)) }
	case "Output":
		f = func(depth int, t string) error { return r.output(std(), depth, t) }
	case "Logger.Print":
		f = func(l *log.Logger, v ...any) { r.log(l, s, fmt.Sprint(v...)) }
	case "Logger.Printf":
		f = func(l *log.Logger, t string, v ...any) { r.log(l, s, text(t, v)) }
	case "Logger.Println":
		f = func(l *log.Logger, v ...any) { r.log(l, s, fmt.Sprintln(v...)) }
	case "Logger.Fatal":
		f = func(l *log.Logger, v ...any) { exit(l, fmt.Sprint(v...)) }
	case "Logger.Fatalf":
		f = func(l *log.Logger, t string, v ...any) { exit(l, text(t, v)) }
	case "Logger.Fatalln":
		f = func(l *log.Logger, v ...any) { exit(l, fmt.Sprintln(v...)) }
	case "Logger.Panic":
		f = func(l *log.Logger, v ...any) { raise(l, fmt.Sprint(v...)) }
	case "Logger.Panicf":
		f = func(l *log.Logger, t string, v ...any) { raise(l, text(t, v)) }
	case "Logger.Panicln":
		f = func(l *log.Logger, v ...any) { raise(l, fmt.Sprintln(v...)) }
	case "Logger.Output":
		f = r.output
	default:
		return reflect.Value{}
	}
	return reflect.ValueOf(f)
}

// unplaced is a logger's method that is called through an interface: nobody knows where.
func (r *Runtime) unplaced(v any, name string, bound reflect.Value) reflect.Value {
	l, ok := v.(*log.Logger)
	if !ok {
		return bound
	}
	f := r.logging("Logger."+name, nil)
	if !f.IsValid() {
		return bound
	}
	return reflect.MakeFunc(bound.Type(), func(in []reflect.Value) []reflect.Value {
		return call(f, append([]reflect.Value{reflect.ValueOf(l)}, in...))
	})
}

func (r *Runtime) log(l *log.Logger, s *Site, text string) {
	file, line := "???", 0 // as log writes where the caller is unknown, such as for a deferred call
	if s != nil && s.Pos.IsValid() {
		file, line = r.file(s.Pos.Cell), s.Pos.Line
	}
	_ = r.write(l, file, line, text) // as log.Print ignores it
}

func (r *Runtime) output(l *log.Logger, depth int, text string) error {
	if l.Flags()&(log.Lshortfile|log.Llongfile) == 0 {
		return l.Output(depth, text)
	}
	_, file, line, ok := r.caller(depth - 1)
	if !ok {
		file, line = "???", 0
	}
	return r.write(l, file, line, text)
}

// write logs with a file that is not where Go's stack says: as a part of the text, which log puts behind its header.
func (r *Runtime) write(l *log.Logger, file string, line int, text string) error {
	flags := l.Flags()
	if flags&(log.Lshortfile|log.Llongfile) == 0 {
		return l.Output(0, text)
	}
	if flags&log.Lshortfile != 0 {
		file = filepath.Base(file)
	}
	before, after := l.Prefix(), ""
	if flags&log.Lmsgprefix != 0 {
		before, after = "", before
	}
	r.logs.Lock() // the logger's own lock does not hold for the other one
	defer r.logs.Unlock()
	other := log.New(l.Writer(), before, flags&^(log.Lshortfile|log.Llongfile|log.Lmsgprefix))
	return other.Output(0, fmt.Sprintf("%s:%d: %s%s", file, line, after, text))
}

// slogging wraps slog's functions: while one runs, the goroutine's site is known, and handlers that add the source take it from there.
func (r *Runtime) slogging(c *compiledFunc, name string, s *Site) reflect.Value {
	switch name {
	case "NewTextHandler", "NewJSONHandler":
		return r.handlers(c.fn)
	case "Record.Source":
		return reflect.ValueOf(func(slog.Record) *slog.Source { return r.source() })
	case "Debug", "DebugContext", "Info", "InfoContext", "Warn", "WarnContext", "Error", "ErrorContext", "Log", "LogAttrs":
		return r.sited(c.fn, s)
	case "Logger.Debug", "Logger.DebugContext", "Logger.Info", "Logger.InfoContext", "Logger.Warn", "Logger.WarnContext",
		"Logger.Error", "Logger.ErrorContext", "Logger.Log", "Logger.LogAttrs":
		m, _ := reflect.TypeFor[*slog.Logger]().MethodByName(c.name)
		return r.sited(m.Func, s)
	}
	return reflect.Value{}
}

func (r *Runtime) sited(f reflect.Value, s *Site) reflect.Value {
	return reflect.MakeFunc(f.Type(), func(in []reflect.Value) []reflect.Value {
		id := currentID()
		before, nested := r.sites.Swap(id, s)
		defer func() {
			if nested {
				r.sites.Store(id, before)
			} else {
				r.sites.Delete(id)
			}
		}()
		return call(f, in)
	})
}

func (r *Runtime) source() *slog.Source {
	v, _ := r.sites.Load(currentID())
	if s, _ := v.(*Site); s != nil && s.Pos.IsValid() {
		return &slog.Source{Function: s.Symbol, File: r.file(s.Pos.Cell), Line: s.Pos.Line}
	}
	return &slog.Source{}
}

// handlers makes slog's handlers put the place in the cell where they would put the one on Go's stack.
func (r *Runtime) handlers(make reflect.Value) reflect.Value {
	return reflect.MakeFunc(make.Type(), func(in []reflect.Value) []reflect.Value {
		if o, _ := in[1].Interface().(*slog.HandlerOptions); o != nil && o.AddSource {
			own := *o
			own.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
				if _, ok := a.Value.Any().(*slog.Source); ok && len(groups) == 0 && a.Key == slog.SourceKey {
					a.Value = slog.AnyValue(r.source())
				}
				if o.ReplaceAttr != nil {
					a = o.ReplaceAttr(groups, a)
				}
				return a
			}
			in[1] = reflect.ValueOf(&own)
		}
		return make.Call(in)
	})
}

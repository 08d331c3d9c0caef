package rt

import (
	"reflect"
	"slices"
	"strings"
)

// upgrade is what compiled code looks for in the values of some interfaces, besides the methods of these. The table of pkg has
// a struct for each set of methods under their sorted names (see cell/symbols/gen).
type upgrade struct {
	pkg      string
	has      string // a method that the interfaces have
	methods  string // all of the base interface
	optional string
	refused  string // what has no struct
}

var upgrades = []upgrade{
	{"net/http", "WriteHeader", "Header Write WriteHeader", "Flush Hijack ReadFrom WriteString Unwrap",
		"FlushError Push CloseNotify SetReadDeadline SetWriteDeadline EnableFullDuplex"},
	{"io/fs", "Open", "Open", "ReadFile ReadDir Stat Glob Sub", "ReadLink Lstat"},
	{"io/fs", "Stat", "Close Read Stat", "ReadDir Seek ReadAt", ""},
	{"flag", "Set", "Set String", "IsBoolFlag Get", ""},
	{"math/rand", "Int63", "Int63 Seed", "Uint64", ""},
	{"io", "Read", "Read", "WriteTo Close Seek ReadByte UnreadByte ReadRune UnreadRune", ""},
	{"io", "Write", "Write", "ReadFrom Close Seek WriteString WriteByte Flush", ""},
	{"context", "Deadline", "Deadline Done Err Value", "", "AfterFunc"},
	{"image", "ColorModel", "At Bounds ColorModel", "", "Opaque SubImage ColorIndexAt RGBA64At Set SetRGBA64"},
	{"hash", "BlockSize", "BlockSize Reset Size Sum Write", "", "MarshalBinary UnmarshalBinary AppendBinary WriteString Clone"},
	{"database/sql/driver", "Open", "Open", "", "OpenConnector"},
	{"database/sql/driver", "Connect", "Connect Driver", "", "Close"},
	{"database/sql/driver", "Prepare", "Begin Close Prepare", "",
		"BeginTx PrepareContext Exec ExecContext Query QueryContext Ping ResetSession IsValid CheckNamedValue"},
	{"database/sql/driver", "NumInput", "Close Exec NumInput Query", "", "ExecContext QueryContext ColumnConverter CheckNamedValue"},
	{"database/sql/driver", "Columns", "Close Columns Next", "", "HasNextResultSet NextResultSet ColumnTypeDatabaseTypeName " +
		"ColumnTypeLength ColumnTypeNullable ColumnTypePrecisionScale ColumnTypeScanType"},
	{"net", "RemoteAddr", "Close LocalAddr Read RemoteAddr SetDeadline SetReadDeadline SetWriteDeadline Write", "",
		"SyscallConn CloseRead CloseWrite File"},
	{"net/http", "RoundTrip", "RoundTrip", "", "CloseIdleConnections CancelRequest"},
}

// wrapperOf finds the struct that carries b as the compiled interface target, with the optional methods that b has.
func (r *Runtime) wrapperOf(b Box, target reflect.Type) (reflect.Type, bool) {
	want := methodNames(target)
	pkg, key := target.PkgPath(), target.Name()
	for i := range upgrades {
		u := &upgrades[i]
		if !slices.Contains(want, u.has) || u.pkg != "io" && u.pkg != target.PkgPath() {
			continue
		}
		if extra := u.of(r, b, target); len(extra) > 0 {
			want = sorted(append(want, extra...))
			pkg, key = u.pkg, strings.Join(want, "+")
		}
		if u.pkg != "io" {
			break
		}
	}
	w, ok := r.Symbol(pkg, "_"+key)
	if !ok {
		if strings.Contains(key, "+") {
			refuse("pass a type without "+strings.Join(missingIn(want, methodNames(target)), ", "),
				"%s as the compiled interface %s with all that it has: %s", typeString(b.Type.Go), target, strings.Join(want, ", "))
		}
		return nil, false
	}
	return w.Type().Elem(), true
}

// of lists the optional methods that b has and target has not.
func (u *upgrade) of(r *Runtime, b Box, target reflect.Type) (names []string) {
	all, _ := r.Symbol(u.pkg, "_"+strings.Join(sorted(strings.Fields(u.methods+" "+u.optional)), "+"))
	for _, name := range strings.Fields(u.optional + " " + u.refused) {
		sg := b.Type.method(name)
		if _, has := target.MethodByName(name); sg == nil || has {
			continue
		}
		if all.IsValid() && strings.Contains(" "+u.optional+" ", " "+name+" ") {
			m, _ := all.Type().Elem().MethodByName(name)
			if !sameSignature(sg, m.Type, 1) {
				continue
			}
		}
		names = append(names, name)
	}
	return names
}

func methodNames(t reflect.Type) (names []string) {
	for m := range t.Methods() {
		names = append(names, m.Name)
	}
	return names
}

func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

func missingIn(all, some []string) (names []string) {
	for _, n := range all {
		if !slices.Contains(some, n) {
			names = append(names, n)
		}
	}
	return names
}

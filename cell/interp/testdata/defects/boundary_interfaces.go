package main

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"sync"
)

type Encoder interface{ Encode(any) error }
type Decoder interface{ Decode(any) error }
type rowScanner interface{ Scan(...any) error }
type P struct {
	X int `json:"x" xml:"y,attr"`
	n int
	Y L
}
type L string

type toy struct{}
type toyStmt struct{}
type toyRows struct{ left int }

func (toy) Open(string) (driver.Conn, error)              { return toy{}, nil }
func (toy) Prepare(string) (driver.Stmt, error)           { return toyStmt{}, nil }
func (toy) Close() error                                  { return nil }
func (toyStmt) Close() error                              { return nil }
func (toy) Begin() (driver.Tx, error)                     { return nil, errors.New("no") }
func (toyStmt) NumInput() int                             { return -1 }
func (toyStmt) Query([]driver.Value) (driver.Rows, error) { return &toyRows{2}, nil }
func (toyStmt) Exec(args []driver.Value) (driver.Result, error) {
	fmt.Println(args)
	return driver.RowsAffected(1), nil
}
func (*toyRows) Columns() []string { return []string{"a", "b"} }
func (*toyRows) Close() error      { return nil }
func (r *toyRows) Next(dest []driver.Value) error {
	if r.left--; r.left < 0 {
		return io.EOF
	}
	copy(dest, []driver.Value{"text", int64(r.left)})
	return nil
}

type dbtx interface {
	Exec(string, ...any) (sql.Result, error)
	QueryRow(string, ...any) *sql.Row
	Query(string, ...any) (*sql.Rows, error)
}

func scan(r rowScanner) (l L, n int, err error) { err = r.Scan(&l, &n); return }

type marshaler struct {
	name string
	m    func(any) ([]byte, error)
	u    func([]byte, any) error
}

func main() {
	var b bytes.Buffer
	for _, mk := range []func(io.Writer) Encoder{func(w io.Writer) Encoder { return json.NewEncoder(w) }, func(w io.Writer) Encoder { return xml.NewEncoder(w) }, func(w io.Writer) Encoder { return gob.NewEncoder(w) }} {
		err := mk(&b).Encode(P{1, 2, "y"})
		fmt.Println(err, b.Len() > 0, strings.Contains(b.String(), "Y"))
		if b.Bytes()[0] == '{' || b.Bytes()[0] == '<' {
			fmt.Println(b.String())
		}
		var d Decoder
		switch b.Bytes()[0] {
		case '{':
			d = json.NewDecoder(&b)
		case '<':
			d = xml.NewDecoder(&b)
		default:
			d = gob.NewDecoder(&b)
		}
		var p P
		fmt.Println(d.Decode(&p), p)
		b.Reset()
	}
	for _, m := range []marshaler{{"json", json.Marshal, json.Unmarshal}, {"xml", xml.Marshal, xml.Unmarshal}} {
		x, err := m.m(P{3, 4, "z"})
		var p P
		fmt.Println(m.name, string(x), err, m.u(x, &p), p)
	}
	sql.Register("toy", toy{})
	db, _ := sql.Open("toy", "")
	fmt.Println(scan(db.QueryRow("")))
	rows, _ := db.Query("")
	for rows.Next() {
		fmt.Println(scan(rows))
	}
	var tx dbtx = db
	fmt.Println(tx.Exec("", L("l"), P{}))
	_, err := tx.Exec("", L("l"), 5)
	fmt.Println(err)
	var l L
	fmt.Println(tx.QueryRow("").Scan(&l, new(any)), l)
	var lk interface {
		Lock()
		Unlock()
	} = &sync.Mutex{}
	lk.Lock()
	lk.Unlock()
	var w interface{ WriteString(string) (int, error) } = os.Stdout
	w.WriteString("ws\n")
	var pr interface{ Sort(sort.Interface) }
	_ = pr
	var once interface{ Do(func()) } = &sync.Once{}
	once.Do(func() { fmt.Println("once") })
	var mp interface {
		Store(k, v any)
		Load(k any) (any, bool)
	} = &sync.Map{}
	mp.Store(P{X: 1}, L("v"))
	v, ok := mp.Load(P{X: 1})
	fmt.Printf("%v %T %v\n", v, v, ok)
	srt := map[string]func(any, func(int, int) bool){"s": sort.Slice, "st": sort.SliceStable}
	ps := []P{{X: 2}, {X: 1}}
	srt["s"](ps, func(i, j int) bool { return ps[i].X < ps[j].X })
	fmt.Println(ps)
	as := errors.As
	var pe *perr
	fmt.Println(as(fmt.Errorf("x %w", &perr{3}), &pe), pe.n)
	sc := fmt.Sscan
	fmt.Println(sc("5 ab", new(int), &l))
	fmt.Println(l)
	defer json.NewEncoder(os.Stdout).Encode(P{9, 9, "d"})
	go func() {}()
	func(f func(string, ...any) (int, error)) { f("%T %v %p\n", l, P{}, nil) }(fmt.Printf)
}

type perr struct{ n int }

func (p *perr) Error() string { return fmt.Sprint("perr", p.n) }

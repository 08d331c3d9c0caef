package main

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Values that packages fill or ask, by methods of their own or by their kinds.

type cents int64

func (m cents) Value() (driver.Value, error) {
	return fmt.Sprintf("$%d.%02d", int64(m)/100, int64(m)%100), nil
}

func (m *cents) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("cents of a %T", src)
	}
	var a, b int64
	_, err := fmt.Sscanf(s, "$%d.%d", &a, &b)
	*m = cents(a*100 + b)
	return err
}

type state string
type blob []byte
type flagged bool
type point struct{ x, y int }

func (p *point) Scan(st fmt.ScanState, verb rune) error {
	_, err := fmt.Fscanf(st, "%d:%d", &p.x, &p.y)
	return err
}

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
	for _, a := range args {
		fmt.Printf("%T(%v) ", a, a)
	}
	fmt.Println()
	return driver.RowsAffected(1), nil
}
func (*toyRows) Columns() []string { return []string{"text", "bytes", "number", "yes", "null"} }
func (*toyRows) Close() error      { return nil }
func (r *toyRows) Next(dest []driver.Value) error {
	if r.left--; r.left < 0 {
		return io.EOF
	}
	copy(dest, []driver.Value{"$1.50", []byte("ab"), int64(7), true, nil})
	return nil
}

func databases() {
	sql.Register("toy", toy{})
	db, err := sql.Open("toy", "")
	fmt.Println(err)
	var ignored any
	scan := func(dest ...any) {
		for len(dest) < 5 {
			dest = append(dest, &ignored)
		}
		fmt.Println(db.QueryRow("").Scan(dest...))
	}
	var m *cents
	var s, s2 state
	var b blob
	var f flagged
	var n *state
	scan(&m, &s, &s2, &f, &n)
	scan(&m, &s, &ignored, &f, &n)
	fmt.Println(*m, s, f, n)
	scan(&s, &b)
	fmt.Println(s, string(b), b != nil)
	scan(&b)
	scan(&ignored, &f)
	scan(&ignored, &ignored, &ignored, &ignored, &s)
	scan(&ignored, &ignored, &m)
	price := cents(1234)
	_, err = db.Exec("", price, &price, (*cents)(nil), state("on"), blob("x"), flagged(true), sql.Named("p", price))
	fmt.Println(err)
	for _, bad := range []any{point{1, 2}, []point{{}}, map[state]int{}, &point{}} {
		_, err = db.Exec("", bad)
		fmt.Println(err)
	}
}

func formats() {
	var p, q point
	var s state
	n, err := fmt.Sscanf("7:8 word", "%v %s", &p, &s)
	fmt.Println(n, err, p, s)
	n, err = fmt.Sscan("1:2 x 3:4", &p, &s, &q)
	fmt.Println(n, err, p, s, q)
}

type header struct {
	Magic [2]byte
	_     uint16
	size  int32
}

type open struct {
	A uint8
	_ [3]byte
	B uint16
}

func binaries() {
	var b bytes.Buffer
	fmt.Println(binary.Write(&b, binary.BigEndian, header{[2]byte{'h', 'd'}, 0, -2}), b.Bytes(), binary.Size(header{}))
	b.Reset()
	fmt.Println(binary.Write(&b, binary.LittleEndian, []open{{A: 1, B: 2}, {3, [3]byte{}, 4}}), b.Bytes())
	two := make([]open, 2)
	fmt.Println(binary.Read(&b, binary.LittleEndian, two), two)
}

type node struct {
	V    int     `json:"v"`
	Kids []*node `json:"kids"`
}
type shell struct {
	*node
	Name string
}
type bad int

func (b bad) MarshalText() ([]byte, error) { return nil, errors.New("never") }

func documents() {
	var u *json.UnmarshalTypeError
	var n struct{ shell }
	fmt.Println(json.Unmarshal([]byte(`{"Name":1}`), &n))
	var sh shell
	sh.node = &node{}
	err := json.Unmarshal([]byte(`{"kids":[{"v":"x"}]}`), &sh.node)
	fmt.Println(errors.As(err, &u), u.Struct, u.Field, err)
	_, err = json.Marshal(map[string]any{"a": bad(1)})
	var m *json.MarshalerError
	fmt.Printf("%T %v %v %v\n", err, err, errors.As(err, &m), m.Type)
}

type failure struct{ code int }

func (f failure) Error() string { return fmt.Sprint("failure ", f.code) }

func targets() {
	for _, target := range []any{nil, failure{}, (*failure)(nil), new(int), new(point), 3, new(*failure)} {
		func() {
			defer func() { fmt.Println(recover()) }()
			fmt.Println(errors.As(failure{1}, target))
		}()
	}
	fmt.Println(errors.As(nil, nil))
}

func main() {
	databases()
	formats()
	binaries()
	documents()
	targets()
}

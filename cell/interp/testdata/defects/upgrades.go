package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand"
	"os"
	"strings"
)

type rd struct{ s *strings.Reader }

func (r rd) Read(p []byte) (int, error) { return r.s.Read(p) }
func (r rd) WriteTo(w io.Writer) (int64, error) {
	fmt.Println("WriteTo")
	n, err := io.WriteString(w, "written")
	return int64(n), err
}
func (r rd) Close() error { fmt.Println("closed"); return nil }

type wr struct{ b *bytes.Buffer }

func (w wr) Write(p []byte) (int, error) { return w.b.Write(p) }
func (w wr) ReadFrom(r io.Reader) (int64, error) {
	fmt.Println("ReadFrom")
	return w.b.ReadFrom(r)
}
func (w wr) WriteString(s string) (int, error) { fmt.Println("WriteString"); return w.b.WriteString(s) }

type terr struct{ n int }

func (e *terr) Error() string      { return "t" }
func (e *terr) Timeout() bool      { return true }
func (e *terr) As(target any) bool { fmt.Println("As"); return false }

type lv struct{ user, pass string }

func (l lv) LogValue() slog.Value { return slog.GroupValue(slog.String("user", l.user)) }

type tm struct{ n int }

func (t tm) MarshalText() ([]byte, error) { return []byte(fmt.Sprint("tm", t.n)), nil }

type bf bool

func (b *bf) String() string     { return fmt.Sprint(bool(*b)) }
func (b *bf) Set(s string) error { *b = s == "true"; return nil }
func (b *bf) IsBoolFlag() bool   { return true }

type src struct{ n int64 }

func (s *src) Int63() int64   { s.n++; return s.n }
func (s *src) Seed(int64)     {}
func (s *src) Uint64() uint64 { s.n += 7; return uint64(s.n) << 40 }

type multi []error

func (m multi) Error() string   { return "multi" }
func (m multi) Unwrap() []error { return m }
func (m multi) Is(e error) bool { return e == io.ErrNoProgress }

func main() {
	var b bytes.Buffer
	n, err := io.Copy(&b, rd{strings.NewReader("hello")})
	fmt.Println(n, err, b.String())
	b.Reset()
	n, err = io.Copy(wr{&b}, strings.NewReader("hello"))
	fmt.Println(n, err, b.String())
	io.WriteString(wr{&b}, "xx")
	fmt.Println(b.String())
	fmt.Println(os.IsTimeout(&terr{}))
	h := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(g []string, a slog.Attr) slog.Attr {
		if a.Key == "time" {
			return slog.Attr{}
		}
		return a
	}}))
	h.Info("x", "u", lv{"joe", "secret"}, "t", tm{4}, "e", &terr{3}, "m", map[string]int{"a": 1}, "st", struct{ A int }{3})
	j := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(g []string, a slog.Attr) slog.Attr {
		if a.Key == "time" {
			return slog.Attr{}
		}
		return a
	}}))
	j.Info("x", "u", lv{"joe", "secret"}, "t", tm{4}, "e", &terr{3}, slog.Any("k", tm{5}))
	fs := flag.NewFlagSet("x", flag.ContinueOnError)
	var f bf
	fs.Var(&f, "b", "use")
	fmt.Println(fs.Parse([]string{"-b", "rest"}), f, fs.Args())
	r := rand.New(&src{})
	fmt.Println(r.Uint64(), r.Int63(), r.Intn(10))
	m := multi{io.EOF, fmt.Errorf("w: %w", &terr{})}
	fmt.Println(errors.Is(m, io.EOF), errors.Is(m, io.ErrNoProgress), errors.Is(m, io.ErrClosedPipe))
	var te *terr
	fmt.Println(errors.As(m, &te), te)
	var tt interface{ Timeout() bool }
	fmt.Println(errors.As(fmt.Errorf("z %w", &terr{}), &tt))
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(&terr{9})
	fmt.Println(context.Cause(ctx))
	out, err := json.Marshal(map[string]any{"a": tm{1}, "b": lv{"x", "y"}, "c": []tm{{2}}})
	fmt.Println(string(out), err)
	out, err = json.Marshal(map[tm]int{{1}: 2})
	fmt.Println(string(out), err)
}

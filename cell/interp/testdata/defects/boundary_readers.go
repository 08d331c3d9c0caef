package main

import (
	"bufio"
	"bytes"
	"container/heap"
	"container/list"
	"container/ring"
	"encoding/binary"
	"encoding/csv"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

type Item struct {
	name  string
	prio  int
	index int
}
type PQ []*Item

func (p PQ) Len() int           { return len(p) }
func (p PQ) Less(i, j int) bool { return p[i].prio > p[j].prio }
func (p PQ) Swap(i, j int)      { p[i], p[j] = p[j], p[i]; p[i].index = i; p[j].index = j }
func (p *PQ) Push(x any)        { it := x.(*Item); it.index = len(*p); *p = append(*p, it) }
func (p *PQ) Pop() any          { o := *p; n := len(o); it := o[n-1]; *p = o[:n-1]; return it }

type rot13 struct{ r io.Reader }

func (r rot13) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	for i := range b[:n] {
		c := b[i]
		switch {
		case c >= 'a' && c <= 'z':
			b[i] = 'a' + (c-'a'+13)%26
		case c >= 'A' && c <= 'Z':
			b[i] = 'A' + (c-'A'+13)%26
		}
	}
	return n, err
}

type upper struct {
	w io.Writer
	n int
}

func (u *upper) Write(b []byte) (int, error) { u.n += len(b); return u.w.Write(bytes.ToUpper(b)) }

type Header struct {
	Magic uint32
	Ver   uint16
	Flags [2]uint8
	Size  int64
}
type byLen []string

func (b byLen) Len() int           { return len(b) }
func (b byLen) Less(i, j int) bool { return len(b[i]) < len(b[j]) }
func (b byLen) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

type G struct {
	Name   string
	Tags   map[string][]int
	Next   *H
	When   time.Duration
	hidden int
}

type H struct{ Name string }

func main() {
	pq := PQ{}
	for i, n := range []string{"a", "b", "c", "d"} {
		heap.Push(&pq, &Item{name: n, prio: i * 7 % 5})
	}
	pq[0].prio = -1
	heap.Fix(&pq, 0)
	for pq.Len() > 0 {
		it := heap.Pop(&pq).(*Item)
		fmt.Print(it.name, it.prio, " ")
	}
	fmt.Println()
	l := list.New()
	l.PushBack(Item{"x", 1, 2})
	l.PushFront("s")
	l.PushBack(3)
	for e := l.Front(); e != nil; e = e.Next() {
		switch v := e.Value.(type) {
		case Item:
			fmt.Print("Item ", v.name)
		default:
			fmt.Printf(" %T %v ", v, v)
		}
	}
	fmt.Println()
	r := ring.New(3)
	for i := 0; i < 3; i++ {
		r.Value = Item{fmt.Sprint(i), i, i}
		r = r.Next()
	}
	r.Do(func(v any) { fmt.Print(v.(Item).name, " ", v, ";") })
	fmt.Println()
	io.Copy(os.Stdout, rot13{strings.NewReader("Uryyb, Jbeyq!\n")})
	u := &upper{w: os.Stdout}
	fmt.Fprintf(u, "%s %d\n", "shout", 5)
	io.WriteString(u, "more\n")
	fmt.Println(u.n)
	mw := io.MultiWriter(u, os.Stdout)
	fmt.Fprintln(mw, "both")
	tr := io.TeeReader(strings.NewReader("tee me"), u)
	b, _ := io.ReadAll(tr)
	fmt.Println(string(b))
	var buf bytes.Buffer
	h := Header{0xCAFEBABE, 2, [2]uint8{7, 8}, -5}
	fmt.Println(binary.Write(&buf, binary.BigEndian, h), hex.EncodeToString(buf.Bytes()), binary.Size(h))
	var h2 Header
	fmt.Println(binary.Read(&buf, binary.BigEndian, &h2), h2, h == h2)
	var g bytes.Buffer
	in := G{"n", map[string][]int{"a": {1, 2}}, &H{"inner"}, time.Second, 9}
	fmt.Println(gob.NewEncoder(&g).Encode(in))
	var out G
	fmt.Println(gob.NewDecoder(&g).Decode(&out), out.Name, out.Tags, out.Next.Name, out.When, out.hidden)
	s := byLen{"ccc", "a", "bb"}
	sort.Sort(sort.Reverse(s))
	fmt.Println(s)
	sort.Stable(s)
	fmt.Println(s, sort.IsSorted(s))
	sc := bufio.NewScanner(strings.NewReader("one two  three"))
	sc.Split(func(d []byte, eof bool) (int, []byte, error) {
		a, t, e := bufio.ScanWords(d, eof)
		if len(t) == 3 {
			t = bytes.ToUpper(t)
		}
		return a, t, e
	})
	for sc.Scan() {
		fmt.Print(sc.Text(), "|")
	}
	fmt.Println()
	fmt.Println(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, "a1b2"), strings.FieldsFunc("a;b,c", func(r rune) bool { return r == ';' || r == ',' }), strings.IndexFunc("abc1", unicode.IsDigit))
	c := csv.NewReader(strings.NewReader("a,b\n1,\"x,y\"\n"))
	recs, err := c.ReadAll()
	fmt.Println(recs, err)
	tw := tabwriter.NewWriter(os.Stdout, 0, 8, 1, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "a\tb\tc")
	fmt.Fprintln(tw, "aaa\tbbbb\tc")
	tw.Flush()
	pr, pw := io.Pipe()
	go func() { fmt.Fprint(pw, "through pipe"); pw.CloseWithError(errors.New("custom end")) }()
	pb, perr := io.ReadAll(pr)
	fmt.Println(string(pb), perr)
	lr := io.LimitReader(rot13{strings.NewReader("nopqrs")}, 3)
	lb, _ := io.ReadAll(lr)
	fmt.Println(string(lb))
	sr := io.NewSectionReader(strings.NewReader("0123456789"), 2, 5)
	sb, _ := io.ReadAll(sr)
	fmt.Println(string(sb))
	br := bufio.NewReader(rot13{strings.NewReader("yvar bar\nyvar gjb\n")})
	for {
		line, err := br.ReadString('\n')
		fmt.Printf("%q %v\n", line, err)
		if err != nil {
			break
		}
	}
}

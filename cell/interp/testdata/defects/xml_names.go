package main

import (
	"bytes"
	"encoding/gob"
	"encoding/xml"
	"fmt"
)

// Names that encoding/xml takes from types, recursive types, and methods of gob.

type entry struct {
	ID   string  `xml:"id"`
	Kids []entry `xml:"kids>entry"`
	Next *entry  `xml:"next"`
}
type KInt int
type KText string
type KS struct{ A int }

func (k KText) MarshalText() ([]byte, error) { return []byte("<" + string(k) + ">"), nil }

type temp float64

func (t temp) GobEncode() ([]byte, error) { return fmt.Appendf(nil, "%.1f", float64(t)), nil }
func (t *temp) GobDecode(b []byte) error {
	if string(b) == "99.0" {
		return fmt.Errorf("too hot")
	}
	_, err := fmt.Sscan(string(b), (*float64)(t))
	return err
}

type pair struct{ a, b int }

func (x *pair) MarshalBinary() ([]byte, error) { return []byte{byte(x.a), byte(x.b)}, nil }
func (x *pair) UnmarshalBinary(b []byte) error { x.a, x.b = int(b[0]), int(b[1]); return nil }

type record struct {
	T, Zero temp
	Ts      []temp
	P       *pair
	Ps      map[string]*pair
	Q       pair
	Nil     *pair
}

func main() {
	var f struct {
		Entries []*entry `xml:"entry"`
	}
	err := xml.Unmarshal([]byte(`<f><entry><id>1</id><kids><entry><id>k</id></entry><entry><next><id>n</id></next></entry></kids></entry><entry/></f>`), &f)
	fmt.Println(err, len(f.Entries), f.Entries[0].Kids[0], *f.Entries[0].Kids[1].Next)
	for _, x := range []any{KInt(3), KText("t"), []any{KInt(3), KS{2}, &KS{1}, []KInt{1}, KText("u"), "s"}, []KInt{1, 2}, &KS{4}, (*KS)(nil)} {
		b, err := xml.Marshal(x)
		fmt.Println(string(b), err)
	}
	b, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"r"`
		L       []KInt
		A       any
		B       []any
		P       *KS
		T       KText `xml:",chardata"`
	}{L: []KInt{1}, A: KS{1}, B: []any{KInt(1), KS{2}}, P: &KS{4}, T: "x"})
	fmt.Println(string(b), err)
	var stream bytes.Buffer
	enc, dec := gob.NewEncoder(&stream), gob.NewDecoder(&stream)
	fmt.Println(gob.NewEncoder(new(bytes.Buffer)).Encode(record{Q: pair{5, 6}}))
	fmt.Println(enc.Encode(&record{T: 1.25, Ts: []temp{0, 2}, P: &pair{1, 2}, Ps: map[string]*pair{"k": {3, 4}}, Q: pair{5, 6}}))
	var r record
	fmt.Println(dec.Decode(&r), r.T, r.Zero, r.Ts, *r.P, *r.Ps["k"], r.Q, r.Nil)
	fmt.Println(enc.Encode(struct{ T temp }{99}), dec.Decode(&struct{ T temp }{}))
}

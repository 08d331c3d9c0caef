package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

type Feed struct {
	XMLName xml.Name   `xml:"http://w3.org/atom feed"`
	Title   Text       `xml:"title"`
	Links   []Link     `xml:"link"`
	Entries []*Entry   `xml:"entry"`
	Updated Time       `xml:"updated"`
	Any     []Any      `xml:",any"`
	Attrs   []xml.Attr `xml:",any,attr"`
}
type Text struct {
	Type string `xml:"type,attr,omitempty"`
	Body string `xml:",chardata"`
}
type Link struct {
	Rel  Rel    `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}
type Entry struct {
	ID      string   `xml:"id"`
	Authors []string `xml:"author>name"`
	Content *CData   `xml:"content"`
	Score   float64  `xml:"score,omitempty"`
	Kids    []Entry  `xml:"kids>entry"`
}
type CData struct {
	S string `xml:",cdata"`
}
type Any struct {
	XMLName xml.Name
	Inner   string `xml:",innerxml"`
}
type Rel int

var rels = []string{"self", "next"}

func (r Rel) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: name, Value: rels[r]}, nil
}
func (r *Rel) UnmarshalXMLAttr(a xml.Attr) error {
	for i, s := range rels {
		if s == a.Value {
			*r = Rel(i)
			return nil
		}
	}
	return fmt.Errorf("bad rel %q in %s", a.Value, a.Name.Local)
}

type Time struct{ time.Time }

func (t Time) MarshalXML(e *xml.Encoder, s xml.StartElement) error {
	s.Attr = append(s.Attr, xml.Attr{Name: xml.Name{Local: "tz"}, Value: "UTC"})
	if err := e.EncodeToken(s); err != nil {
		return err
	}
	if err := e.EncodeToken(xml.CharData(t.Format(time.DateOnly))); err != nil {
		return err
	}
	return e.EncodeToken(s.End())
}
func (t *Time) UnmarshalXML(d *xml.Decoder, s xml.StartElement) error {
	for {
		tok, err := d.Token()
		if err != nil {
			return err
		}
		switch x := tok.(type) {
		case xml.CharData:
			if t.Time, err = time.Parse(time.DateOnly, string(x)); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

type Map map[string]int

func (m Map) MarshalXML(e *xml.Encoder, s xml.StartElement) error {
	e.EncodeToken(s)
	for _, k := range []string{"a", "b"} {
		if v, ok := m[k]; ok {
			e.EncodeElement(v, xml.StartElement{Name: xml.Name{Local: k}})
		}
	}
	return e.EncodeToken(s.End())
}
func (m *Map) UnmarshalXML(d *xml.Decoder, s xml.StartElement) error {
	*m = Map{}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if st, ok := tok.(xml.StartElement); ok {
			var n int
			if err := d.DecodeElement(&n, &st); err != nil {
				return err
			}
			(*m)[st.Name.Local] = n
		} else if e, ok := tok.(xml.EndElement); ok && e.Name == s.Name {
			return nil
		}
	}
}

type Poly struct {
	XMLName xml.Name `xml:"poly"`
	Shape   Shape
	M       Map  `xml:"m"`
	PM      *Map `xml:"pm,omitempty"`
	B       Bits `xml:"bits"`
	BA      Bits `xml:"ba,attr"`
}
type Shape struct{ V any }

func (s *Shape) UnmarshalXML(d *xml.Decoder, st xml.StartElement) error {
	for _, a := range st.Attr {
		if a.Name.Local == "kind" && a.Value == "sq" {
			v := struct {
				Side int `xml:"side"`
			}{}
			s.V = &v
			return d.DecodeElement(&v, &st)
		}
	}
	s.V = "skipped"
	return d.Skip()
}

type Bits uint8

func (b Bits) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%08b", uint8(b)), nil }
func (b *Bits) UnmarshalText(t []byte) error {
	_, err := fmt.Sscanf(string(t), "%b", (*uint8)(b))
	return err
}

func main() {
	f := Feed{Title: Text{"html", "a & b"}, Links: []Link{{0, "/"}, {1, "/2"}}, Entries: []*Entry{{ID: "1", Authors: []string{"x", "y"}, Content: &CData{"<b>]]>"}, Kids: []Entry{{ID: "k"}}}}, Updated: Time{time.Unix(0, 0).UTC()}}
	out, err := xml.MarshalIndent(f, "", " ")
	fmt.Println(string(out), err)
	in := strings.Replace(string(out), "</feed>", `<x:extra xmlns:x="u:x"><q>1</q></x:extra></feed>`, 1)
	in = strings.Replace(in, "<feed ", `<feed lang="en" `, 1)
	var g Feed
	err = xml.Unmarshal([]byte(in), &g)
	fmt.Println(err, g.Title, g.Links, *g.Entries[0].Content, g.Entries[0].Authors, g.Entries[0].Kids, g.Updated, g.Any, g.Attrs, g.XMLName)
	p := Poly{M: Map{"a": 1, "b": 2}, B: 5, BA: 255}
	out, err = xml.Marshal(p)
	fmt.Println(string(out), err)
	var q Poly
	err = xml.Unmarshal([]byte(`<poly ba="00000011"><Shape kind="sq"><side>4</side></Shape><m><a>3</a><b>4</b></m><pm><a>9</a></pm><bits>101</bits></poly>`), &q)
	fmt.Println(err, q.M, *q.PM, q.B, q.BA, q.Shape.V)
	for _, s := range []string{`<poly><m><a>x</a></m></poly>`, `<poly><bits>zz</bits></poly>`, `<poly><m><a>1</b></m></poly>`, `<poly ba="q"/>`, `<feed xmlns="http://w3.org/atom"><link rel="zz"/></feed>`, `<feed xmlns="http://w3.org/atom"><updated>nope</updated></feed>`, `<poly><Shape><m>1</m></Shape><bits>1</bits>`} {
		var p Poly
		var f Feed
		if strings.HasPrefix(s, "<f") {
			fmt.Println(xml.Unmarshal([]byte(s), &f))
		} else {
			fmt.Println(xml.Unmarshal([]byte(s), &p), p.B, p.Shape.V)
		}
	}
	enc := xml.NewEncoder(os.Stdout)
	enc.Indent("", "\t")
	fmt.Println(enc.Encode(&p), enc.Encode([]Rel{}), enc.EncodeElement(Bits(3), xml.StartElement{Name: xml.Name{Local: "bb"}}))
	dec := xml.NewDecoder(strings.NewReader(`<?xml version="1.0"?><root><item n="1"/><!--c--><item n="2">t</item></root>`))
	for {
		tok, err := dec.Token()
		if err != nil {
			fmt.Println(err)
			break
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if t.Name.Local == "item" {
				var it struct {
					N Bits   `xml:"n,attr"`
					T string `xml:",chardata"`
				}
				fmt.Println(dec.DecodeElement(&it, &t), it)
			}
		case xml.Comment, xml.ProcInst:
			fmt.Printf("%T\n", t)
		}
	}
}

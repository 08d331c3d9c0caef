package notebook

import (
	"encoding/json"
	"fmt"
	"html"

	"github.com/joey-go/joey/cell/display"
	"github.com/joey-go/joey/cell/vega"
)

// Chart is a Vega-Lite chart. VegaLite makes one.
type Chart struct {
	bundle map[string]any
}

// VegaLite makes a chart of a document of Vega-Lite 5: JSON text, or a map or another value that encoding/json encodes to the same. "data" may be
// the rows themselves, a slice of structs or maps. Front ends draw the chart; a picture goes with it for those that cannot, where the chart
// is one that Joey draws. VegaLite returns no error, so that Display(VegaLite(document)) shows one value: a document that is no chart says
// what is wrong where it is shown.
func VegaLite(document any) Chart {
	c, err := vega.Parse(document)
	if err != nil {
		text := fmt.Sprintf("not a Vega-Lite chart: %v", err)
		return Chart{map[string]any{display.Plain: text, display.HTML: `<div style="color:#b00020">` + html.EscapeString(text) + "</div>"}}
	}
	picture, err := c.PNG()
	bundle := map[string]any{display.Plain: c.Text(err), vega.MIME: json.RawMessage(c.Spec())}
	if err == nil {
		bundle[display.PNG] = picture
	}
	return Chart{bundle}
}

// MIMEBundle is the chart in all its forms.
func (c Chart) MIMEBundle() map[string]any { return c.bundle }

// String is a line about the chart, or why it is none.
func (c Chart) String() string {
	s, _ := c.bundle[display.Plain].(string)
	return s
}

package render

import (
	"fmt"
	"html"
	"strings"
	"time"
)

// How many characters of an input and of an output are shown: in a terminal's line, and in a cell of an HTML table, where
// a large batch in a hundred rows would make a page that no browser opens.
const (
	inputWidth  = 64
	outputWidth = 160
	htmlWidth   = 16 << 10
)

// LogTime is the form of a time in the table of logs: year-day-month, as Wallaroo prints it.
func LogTime(t time.Time) string { return t.UTC().Format("2006-02-Jan 15:04:05") }

// ShadowTime is the form of a time in the shadow logs.
func ShadowTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000") }

// StampTime is the form of a time in the tables of objects: str(datetime) of a time in UTC. Python leaves out a
// fraction of zero.
func StampTime(t time.Time) string {
	layout := "2006-01-02 15:04:05.000000+00:00"
	if t.Nanosecond()/1000 == 0 {
		layout = "2006-01-02 15:04:05+00:00"
	}
	return t.UTC().Format(layout)
}

// LogRow is one model's answer to one request.
type LogRow struct {
	Time          time.Time
	Model         string
	Output, Input string
	Anomalies     int // failed validations; the row is red if there are any
}

const logHead = `<table>
    <tr>
        <th>Timestamp</th>
        <th>Output</th>
        <th>Input</th>
        <th>Anomalies</th>
    </tr>
`

const logRow = `
<tr style="%s">
    <td>%s</td>
    <td>%s</td>
    <td>%s</td>
    <td>%d</td>
</tr>
`

// LogsHTML is the table of a pipeline's logs, white space and all as in Wallaroo's tutorial.
func LogsHTML(rows []LogRow) string {
	var b strings.Builder
	b.WriteString(logHead)
	for _, r := range rows {
		style := ""
		if r.Anomalies > 0 {
			style = "color: red;"
		}
		fmt.Fprintf(&b, logRow, style, LogTime(r.Time), htmlCell(r.Output), htmlCell(r.Input), r.Anomalies)
	}
	b.WriteString("\n</table>")
	return b.String()
}

// htmlCell is a text between tags; the middle of one beyond htmlWidth is left out.
func htmlCell(s string) string {
	if len(s) > htmlWidth {
		s = clip(s, htmlWidth)
	}
	return escape(s)
}

// escape makes text from users harmless between tags. Quotes stay: the tutorial's cells show Python's dicts.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// LogsText is the table for a terminal, with the model's name; the middle of a long input is left out.
func LogsText(rows []LogRow) string {
	t := Table{Header: []string{"Timestamp", "Model", "Output", "Anomalies", "Input"}, Empty: "(no logs)"}
	for _, r := range rows {
		t.Rows = append(t.Rows, []string{
			LogTime(r.Time), r.Model, clip(r.Output, outputWidth), fmt.Sprint(r.Anomalies), clip(r.Input, inputWidth)})
	}
	return t.Text()
}

// ShadowEntry is one request with the answers of all models.
type ShadowEntry struct {
	Input       string
	Champion    ShadowRow
	Challengers []ShadowRow
}

// ShadowRow is one model's answer.
type ShadowRow struct {
	Model, Output, Version string
	Time                   time.Time
	Elapsed                time.Duration
}

const shadowHead = `                <h2>Shadow Deploy Logs</h2>
                <p>
                    <em>Logs from a shadow pipeline, grouped by their input.</em>
                </p>
                <table>
                    <tbody>
`

const shadowEntry = `
                    <tr><td colspan='6'>Log Entry %d</td></tr>
                    <tr><td colspan='6'></td></tr>
                    <tr>
			<td>
				<strong><em>Input</em></strong>
			</td>
                        <td colspan='6'>%s</td>
                    </tr>

                    <tr>
                        <td>Model Type</td>
                        <td>
                            <strong>Model Name</strong>
                        </td>
                        <td>
                            <strong>Output</strong>
                        </td>
                        <td>
                            <strong>Timestamp</strong>
                        </td>
                        <td>
                            <strong>Model Version</strong>
                        </td>
                        <td>
                            <strong>Elapsed</strong>
                        </td>
                    </tr>
                    <tr>
                        <td><strong><em>Primary</em></strong></td>
                        <td>%s</td>
                        <td>%s</td>
                        <td>%s</td>
                        <td>%s</td>
                        <td>%d</td>
                    </tr>
`

const shadowChallenger = `
                    <tr>
                        <td><strong><em>Challenger</em></strong></td>
                        <td>%s</td>
                        <td>%s</td>
                        <td colspan=3></td>
                    </tr>
`

// shadowDetails is what a challenger's row has in place of the blank.
const shadowDetails = `
                    <tr>
                        <td><strong><em>Challenger</em></strong></td>
                        <td>%s</td>
                        <td>%s</td>
                        <td>%s</td>
                        <td>%s</td>
                        <td>%d</td>
                    </tr>
`

// shadowTail has the tutorial's second opening tag where the table should close; browsers close both.
const shadowTail = `
                    </tbody>
                <table>`

// ShadowLogsHTML is a pipeline's shadow logs, white space and all as in Wallaroo's tutorial: a challenger's time,
// version and duration stay blank.
func ShadowLogsHTML(entries []ShadowEntry) string {
	return shadowLogsHTML(entries, func(b *strings.Builder, r ShadowRow) {
		fmt.Fprintf(b, shadowChallenger, html.EscapeString(r.Model), htmlCell(r.Output))
	})
}

// DetailedShadowLogsHTML shows of a challenger what it shows of the champion.
func DetailedShadowLogsHTML(entries []ShadowEntry) string {
	return shadowLogsHTML(entries, func(b *strings.Builder, r ShadowRow) {
		fmt.Fprintf(b, shadowDetails, html.EscapeString(r.Model), htmlCell(r.Output),
			ShadowTime(r.Time), html.EscapeString(r.Version), r.Elapsed.Nanoseconds())
	})
}

func shadowLogsHTML(entries []ShadowEntry, challenger func(*strings.Builder, ShadowRow)) string {
	var b strings.Builder
	b.WriteString(shadowHead)
	for i, e := range entries {
		c := e.Champion
		fmt.Fprintf(&b, shadowEntry, i, htmlCell(e.Input), html.EscapeString(c.Model), htmlCell(c.Output),
			ShadowTime(c.Time), html.EscapeString(c.Version), c.Elapsed.Nanoseconds())
		for _, c := range e.Challengers {
			challenger(&b, c)
		}
	}
	b.WriteString(shadowTail)
	return b.String()
}

// ShadowLogsText is the same for a terminal, with what the HTML form leaves blank.
func ShadowLogsText(entries []ShadowEntry) string {
	if len(entries) == 0 {
		return "(no logs)"
	}
	var b strings.Builder
	for i, e := range entries {
		fmt.Fprintf(&b, "Log Entry %d\nInput: %s\n", i, clip(e.Input, inputWidth))
		t := Table{Header: []string{"Model Type", "Model Name", "Output", "Timestamp", "Model Version", "Elapsed"}}
		t.Rows = append(t.Rows, shadowCells("Primary", e.Champion))
		for _, c := range e.Challengers {
			t.Rows = append(t.Rows, shadowCells("Challenger", c))
		}
		b.WriteString(t.Text() + "\n\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

func shadowCells(kind string, r ShadowRow) []string {
	return []string{kind, r.Model, clip(r.Output, outputWidth), ShadowTime(r.Time), r.Version, fmt.Sprint(r.Elapsed.Nanoseconds())}
}

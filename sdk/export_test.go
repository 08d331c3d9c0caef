package wallaroo

import "io"

// SetWarnings sends what the client would print on stderr to w.
func (c *Client) SetWarnings(w io.Writer) { c.warnings = w }

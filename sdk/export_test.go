package wallaroo

import (
	"context"
	"io"
)

// SetWarnings sends what the client would print on stderr to w.
func (c *Client) SetWarnings(w io.Writer) { c.warnings = w }

// Home is the client's store.
func (c *Client) Home() string { return c.engine.Home() }

// Shares says whether two clients have one engine.
func (c *Client) Shares(other *Client) bool { return c.engine == other.engine }

// Compact makes Parquet files of what was logged, and waits for those that are being made.
func (c *Client) Compact(ctx context.Context) error { return c.engine.Log().Compact(ctx) }

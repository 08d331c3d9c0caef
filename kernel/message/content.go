package message

import "encoding/json"

// The states of a kernel and of a reply.
const (
	Busy     = "busy"
	Idle     = "idle"
	Starting = "starting"

	OK      = "ok"
	Failed  = "error"
	Aborted = "aborted"
)

// Status is the content of status.
type Status struct {
	State string `json:"execution_state"`
}

// Error says what went wrong: as content of error on iopub, and in every reply whose status is "error".
type Error struct {
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

// ErrorReply is the reply to a request that failed.
type ErrorReply struct {
	Status string `json:"status"`
	Error
}

// StatusReply is a reply that says no more than how it went.
type StatusReply struct {
	Status string `json:"status"`
}

// KernelInfo is the content of kernel_info_reply.
type KernelInfo struct {
	Status                string   `json:"status"`
	ProtocolVersion       string   `json:"protocol_version"`
	Implementation        string   `json:"implementation"`
	ImplementationVersion string   `json:"implementation_version"`
	Language              Language `json:"language_info"`
	Banner                string   `json:"banner"`
	HelpLinks             []Link   `json:"help_links"`
}

// Language describes the cells' language to front ends. The keys are sorted, as nbformat writes them in a notebook.
type Language struct {
	CodeMirrorMode string `json:"codemirror_mode"`
	FileExtension  string `json:"file_extension"`
	MIMEType       string `json:"mimetype"`
	Name           string `json:"name"`
	PygmentsLexer  string `json:"pygments_lexer"`
	Version        string `json:"version"`
}

// Link is an entry of a front end's help menu.
type Link struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// ExecuteRequest is the content of execute_request.
type ExecuteRequest struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history"` // nil means true
	UserExpressions map[string]string `json:"user_expressions"`
	StopOnError     *bool             `json:"stop_on_error"` // nil means true
	AllowStdin      *bool             `json:"allow_stdin"`   // nil means true
}

// ExecuteReply is the content of an execute_reply whose status is "ok".
type ExecuteReply struct {
	Status          string         `json:"status"`
	Count           int            `json:"execution_count"`
	UserExpressions map[string]any `json:"user_expressions"` // an Expression or an ErrorReply for each
	Payload         []any          `json:"payload"`          // Page and NextInput
}

// Expression is the value of a user_expression.
type Expression struct {
	Status   string         `json:"status"`
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata"`
}

// Page is a payload: front ends show it in their pager.
type Page struct {
	Source string         `json:"source"` // "page"
	Data   map[string]any `json:"data"`
	Start  int            `json:"start"` // the line to begin with
}

// NextInput is a payload: front ends put the text into the next cell, or in place of the one that ran.
type NextInput struct {
	Source  string `json:"source"` // "set_next_input"
	Text    string `json:"text"`
	Replace bool   `json:"replace"`
}

// ExecuteError is the content of an execute_reply whose status is "error".
type ExecuteError struct {
	ErrorReply
	Count int `json:"execution_count"`
}

// ExecuteInput is the content of execute_input.
type ExecuteInput struct {
	Code  string `json:"code"`
	Count int    `json:"execution_count"`
}

// ExecuteResult is the content of execute_result.
type ExecuteResult struct {
	Count    int            `json:"execution_count"`
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata"`
}

// Stream is the content of stream.
type Stream struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// DisplayData is the content of display_data and update_display_data.
type DisplayData struct {
	Data      map[string]any `json:"data"`
	Metadata  map[string]any `json:"metadata"`
	Transient Transient      `json:"transient"`
}

// Transient is what is not stored in a notebook.
type Transient struct {
	DisplayID string `json:"display_id,omitempty"`
}

// ClearOutput is the content of clear_output.
type ClearOutput struct {
	Wait bool `json:"wait"`
}

// IsCompleteRequest is the content of is_complete_request.
type IsCompleteRequest struct {
	Code string `json:"code"`
}

// IsCompleteReply is the content of is_complete_reply.
type IsCompleteReply struct {
	Status string `json:"status"`
	Indent string `json:"indent,omitempty"`
}

// CompleteRequest is the content of complete_request.
type CompleteRequest struct {
	Code   string `json:"code"`
	Cursor int    `json:"cursor_pos"` // in code points
}

// CompleteReply is the content of complete_reply.
type CompleteReply struct {
	Status   string           `json:"status"`
	Matches  []string         `json:"matches"`
	Start    int              `json:"cursor_start"`
	End      int              `json:"cursor_end"`
	Metadata CompleteMetadata `json:"metadata"`
}

// CompleteMetadata is what JupyterLab shows beside the matches: an entry for each, in their order.
type CompleteMetadata struct {
	Types []CompleteType `json:"_jupyter_types_experimental"`
}

// CompleteType says more about a match.
type CompleteType struct {
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Text      string `json:"text"` // what JupyterLab inserts; others insert the match
	Type      string `json:"type"` // an icon's name
	Signature string `json:"signature"`
}

// InspectRequest is the content of inspect_request.
type InspectRequest struct {
	Code   string `json:"code"`
	Cursor int    `json:"cursor_pos"` // in code points
}

// InspectReply is the content of inspect_reply.
type InspectReply struct {
	Status   string         `json:"status"`
	Found    bool           `json:"found"`
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata"`
}

// HistoryRequest is the content of history_request.
type HistoryRequest struct {
	Access  string `json:"hist_access_type"` // tail, range or search
	Output  bool   `json:"output"`
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"`
	N       *int   `json:"n"` // nil means all
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// HistoryReply is the content of history_reply: each entry is [session, line, input], with output=True
// [session, line, [input, output]].
type HistoryReply struct {
	Status  string   `json:"status"`
	History [][3]any `json:"history"`
}

// Shutdown is the content of shutdown_request, and with a status that of shutdown_reply.
type Shutdown struct {
	Status  string `json:"status,omitempty"`
	Restart bool   `json:"restart"`
}

// CommInfoRequest is the content of comm_info_request.
type CommInfoRequest struct {
	Target string `json:"target_name"` // all targets if empty
}

// CommInfoReply is the content of comm_info_reply.
type CommInfoReply struct {
	Status string              `json:"status"`
	Comms  map[string]CommInfo `json:"comms"` // by ID
}

// CommInfo is what is known of a comm.
type CommInfo struct {
	Target string `json:"target_name"`
}

// Comm is the content of comm_msg and comm_close, and, with a target, of comm_open.
type Comm struct {
	ID     string          `json:"comm_id"`
	Target string          `json:"target_name,omitempty"`
	Data   json.RawMessage `json:"data"`
}

// InputRequest is the content of input_request.
type InputRequest struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}

// InputReply is the content of input_reply.
type InputReply struct {
	Value string `json:"value"`
}

// IOPubWelcome is the content of iopub_welcome (JEP 65).
type IOPubWelcome struct {
	Subscription string `json:"subscription"`
}

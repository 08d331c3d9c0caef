package message

import (
	"encoding/json"
	"strings"
)

// Version is the protocol's version that the kernel speaks.
const Version = "5.4"

// Message is a message as it was received. What a handler does not need stays undecoded.
type Message struct {
	Sender     string   // the identity of the connection that it came over; the socket sets it
	Identities [][]byte // the routing prefix, returned in front of every answer
	Signature  string
	Header     Header
	RawHeader  json.RawMessage // as it was sent: the parent_header of every answer, byte for byte
	Parent     json.RawMessage
	Metadata   json.RawMessage
	Content    json.RawMessage
	Buffers    [][]byte
}

// Header says what a message is and who sent it.
type Header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

// Draft is a message to be sent: Codec adds header and signature.
type Draft struct {
	Type    string
	Parent  json.RawMessage // the RawHeader of the message that is answered; empty if there is none
	Content any
	Buffers [][]byte

	Metadata json.RawMessage // an object; empty if there is none
}

const (
	requestSuffix = "_request"
	replySuffix   = "_reply"
)

// ReplyType is the type of the reply to a request of type t. It is false for messages that have no reply.
func ReplyType(t string) (string, bool) {
	stem, isRequest := strings.CutSuffix(t, requestSuffix)
	return stem + replySuffix, isRequest && stem != ""
}

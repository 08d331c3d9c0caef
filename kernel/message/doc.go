// Package message is the Jupyter protocol on paper: messages, their contents, their signatures, the connection file.
// It imports nothing of ours. How frames travel is kernel/wire's business, what answers a message is kernel/session's.
//
// The protocol is https://jupyter-client.readthedocs.io/en/stable/messaging.html.
package message

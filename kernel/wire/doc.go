// Package wire is the kernel's five sockets: ZMTP connections, signed messages, and limits to what a stranger can do.
// It imports kernel/message. Any program on the machine can reach the ports, so nothing that a peer sends or leaves
// unsent may cost more than that peer's own connection.
//
// go-zeromq's Open and Conn decode ZMTP (https://rfc.zeromq.org/spec/23/). Its sockets are not used: they shake hands one
// after the other without a deadline, panic in goroutines of their own, and drop what is queued when they close.
package wire

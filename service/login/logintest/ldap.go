package logintest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// The tags of LDAP that a simple bind needs, from RFC 4511.
const (
	tagSequence     = 0x30
	tagBindRequest  = 0x60
	tagBindResponse = 0x61
	tagPassword     = 0x80
)

const (
	ldapSuccess            = 0
	ldapInvalidCredentials = 49
)

// answerBinds answers the binds of a server of PostgreSQL until the listener is
// closed. verify returns why a password is not the one of a role of a server.
func answerBinds(listener net.Listener, verify func(server, role, password string) error) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			_ = answerBind(conn, verify) // the server sees that its bind failed
		}()
	}
}

func answerBind(conn net.Conn, verify func(server, role, password string) error) error {
	in := bufio.NewReader(conn)
	for {
		tag, message, err := readElement(in)
		if err != nil || tag != tagSequence {
			return err
		}
		_, id, rest, err := cut(message)
		if err != nil {
			return err
		}
		tag, bind, _, err := cut(rest)
		if err != nil || tag != tagBindRequest {
			return err // an unbind ends the connection
		}
		_, _, rest, err = cut(bind) // the version
		if err != nil {
			return err
		}
		_, name, rest, err := cut(rest)
		if err != nil {
			return err
		}
		tag, password, _, err := cut(rest)
		if err != nil || tag != tagPassword {
			return err
		}
		role, server, _ := strings.Cut(strings.TrimPrefix(string(name), namePrefix), nameMiddle)
		code, why := byte(ldapSuccess), ""
		if err := verify(server, role, string(password)); err != nil {
			code, why = ldapInvalidCredentials, err.Error()
		}
		result := element(tagBindResponse, []byte{0x0a, 1, code, 0x04, 0}, element(0x04, []byte(why)))
		if _, err := conn.Write(element(tagSequence, element(0x02, id), result)); err != nil {
			return err
		}
	}
}

var errLDAP = errors.New("not a message of LDAP")

// readElement reads a tag, a length and as many bytes.
func readElement(in *bufio.Reader) (tag byte, content []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, nil, fmt.Errorf("read a message: %w", err)
	}
	size := int(head[1])
	if size >= 0x80 {
		long := make([]byte, size&0x7f)
		if _, err := io.ReadFull(in, long); err != nil || len(long) > 4 {
			return 0, nil, errLDAP
		}
		size = 0
		for _, b := range long {
			size = size<<8 | int(b)
		}
	}
	const most = 1 << 20
	if size > most {
		return 0, nil, errLDAP
	}
	content = make([]byte, size)
	_, err = io.ReadFull(in, content)
	return head[0], content, err
}

// cut returns the first element of b and what follows it.
func cut(b []byte) (tag byte, content, rest []byte, err error) {
	in := bufio.NewReaderSize(strings.NewReader(string(b)), max(16, len(b)))
	if tag, content, err = readElement(in); err != nil {
		return 0, nil, nil, err
	}
	rest, err = io.ReadAll(in)
	return tag, content, rest, err
}

// element returns an element with the given parts as its content.
func element(tag byte, parts ...[]byte) []byte {
	var content []byte
	for _, part := range parts {
		content = append(content, part...)
	}
	if n := len(content); n >= 0x80 {
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, content...) // #nosec G115 -- a password is below 64 KiB
	}
	return append([]byte{tag, byte(len(content))}, content...) // #nosec G115 -- it is below 0x80
}

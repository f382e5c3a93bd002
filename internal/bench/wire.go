package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
)

// wire is a keep-alive HTTP/1.1 connection that costs next to nothing: client and
// server share the machine's cores, and what a client burns would be counted
// against the server.
type wire struct {
	addr string
	conn net.Conn
	in   *bufio.Reader
	out  []byte
}

// request sends one request and returns status and body; the body is valid until
// the next call. headers ends with CRLF.
func (w *wire) request(method, path, headers string, body []byte) (int, []byte, error) {
	if w.conn == nil {
		conn, err := net.Dial("tcp", w.addr)
		if err != nil {
			return 0, nil, fmt.Errorf("connect: %w", err)
		}
		w.conn, w.in = conn, bufio.NewReaderSize(conn, 64<<10)
	}
	w.out = append(w.out[:0], method...)
	w.out = append(w.out, ' ')
	w.out = append(w.out, path...)
	w.out = append(w.out, " HTTP/1.1\r\nHost: "...)
	w.out = append(w.out, w.addr...)
	w.out = append(w.out, "\r\n"...)
	w.out = append(w.out, headers...)
	if body != nil {
		w.out = append(w.out, "Content-Type: application/json\r\nContent-Length: "...)
		w.out = strconv.AppendInt(w.out, int64(len(body)), 10)
		w.out = append(w.out, "\r\n"...)
	}
	w.out = append(w.out, "\r\n"...)
	w.out = append(w.out, body...)
	if _, err := w.conn.Write(w.out); err != nil {
		return 0, nil, fmt.Errorf("send: %w", err)
	}
	return w.answer()
}

func (w *wire) answer() (int, []byte, error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil || len(line) < 12 {
		return 0, nil, fmt.Errorf("status line %q: %w", line, err)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, nil, fmt.Errorf("status line %q: %w", line, err)
	}
	length, chunked := 0, false
	for {
		if line, err = w.in.ReadSlice('\n'); err != nil {
			return 0, nil, fmt.Errorf("headers: %w", err)
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, nil, fmt.Errorf("content length %q: %w", value, err)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
	if chunked {
		return w.chunks(status)
	}
	w.out = append(w.out[:0], make([]byte, length)...)
	if _, err := io.ReadFull(w.in, w.out); err != nil {
		return 0, nil, fmt.Errorf("body: %w", err)
	}
	return status, w.out, nil
}

func (w *wire) chunks(status int) (int, []byte, error) {
	w.out = w.out[:0]
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return 0, nil, fmt.Errorf("chunk: %w", err)
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return 0, nil, fmt.Errorf("chunk size %q: %w", line, err)
		}
		at := len(w.out)
		w.out = append(w.out, make([]byte, n+2)...)
		if _, err := io.ReadFull(w.in, w.out[at:]); err != nil {
			return 0, nil, fmt.Errorf("chunk: %w", err)
		}
		w.out = w.out[:at+int(n)]
		if n == 0 {
			return status, w.out, nil
		}
	}
}

func (w *wire) close() {
	if w.conn != nil {
		_ = w.conn.Close()
	}
}

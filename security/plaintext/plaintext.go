// Package plaintext turns the content of any file into text in which tools can
// recognise a secret: programs and pictures, text in UTF-16 or UTF-32, archives
// and compressed parts.
package plaintext

import "bytes"

// Text is a text of a file. Its lines are those of the file, or of a file in it.
type Text struct {
	Member  string // what in the file it is, "" for the file itself
	Content []byte
}

// Of returns the texts of a file, and the parts that could not be opened, each
// with the reason.
func Of(content []byte) (texts []Text, unopened []string) {
	o := opening{left: mostExpanded}
	o.open("", content, 0)
	return o.texts, o.unopened
}

// add adds the text of a content. Zero bytes lie between strings in programs, and
// beside letters in UTF-16 and UTF-32, so each has a text of its own.
func (o *opening) add(member string, content []byte) {
	if len(bytes.TrimSpace(content)) == 0 {
		return
	}
	o.texts = append(o.texts, Text{member, printable(content)})
	if wide(content) {
		o.texts = append(o.texts, Text{member, printable(bytes.ReplaceAll(content, []byte{0}, nil))})
	}
}

// wide reports whether letters follow one another with one to three zero bytes
// between them.
func wide(content []byte) bool {
	const word, most = 6, 3
	letters, zeros := 0, 0
	for _, b := range content {
		if b == 0 {
			zeros++
			continue
		}
		if b < ' ' || b > '~' || zeros == 0 || zeros > most {
			letters = 0
		} else if letters++; letters == word {
			return true
		}
		zeros = 0
	}
	return false
}

// printable replaces what is no text by spaces. A space at the beginning keeps a
// tool from taking the text for a file of another kind. Lines stay.
func printable(content []byte) []byte {
	text := make([]byte, 1, len(content)+1)
	text[0] = ' '
	for _, b := range content {
		if b < ' ' && b != '\n' && b != '\t' && b != '\r' || b == 0x7f {
			b = ' '
		}
		text = append(text, b)
	}
	return bytes.ToValidUTF8(text, []byte(" "))
}

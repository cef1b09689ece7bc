package login

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// newClient returns a client for endpoints that hand out secrets: it asks no proxy,
// follows no redirect, and leaves no connection open.
func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{Proxy: nil, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// fetch asks an endpoint for a token.
func fetch(client *http.Client, r *http.Request) (*token, error) {
	asked := time.Now()
	response, err := client.Do(r)
	if err != nil {
		// Its text has the whole address.
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err
		}
		return nil, fmt.Errorf("ask %s for a token: %w", r.URL.Host, err)
	}
	defer response.Body.Close()
	const most = 1 << 20
	body, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", r.URL.Host, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s gives no token: it answers %d%s", r.URL.Host, response.StatusCode, reason(body))
	}
	read, err := readToken(body, asked)
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", r.URL.Host, err)
	}
	return read, nil
}

// reason returns what an endpoint says about its refusal, "" if that is no JSON.
func reason(body []byte) string {
	var said struct {
		Error       json.RawMessage `json:"error"` // a word, or an object
		Description string          `json:"error_description"`
		Message     string          `json:"message"`
	}
	_ = json.Unmarshal(body, &said) // what it does not understand stays empty
	var word string
	_ = json.Unmarshal(said.Error, &word) // likewise
	const most = 300
	text := cmp.Or(said.Description, said.Message, word)
	if text == "" {
		return ""
	}
	return fmt.Sprintf(": %.*q", most, text)
}

// readToken reads an answer with a token. Its errors repeat nothing of it.
func readToken(body []byte, asked time.Time) (*token, error) {
	var answer struct {
		Token     string  `json:"access_token"`
		ExpiresOn seconds `json:"expires_on"` // since 1970
		ExpiresIn seconds `json:"expires_in"` // from now
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, errors.New("it is not the JSON of a token")
	}
	until := time.Unix(int64(answer.ExpiresOn), 0)
	if answer.ExpiresOn == 0 {
		until = asked.Add(time.Duration(answer.ExpiresIn) * time.Second)
	}
	switch {
	case answer.Token == "":
		return nil, errors.New("it has no access_token")
	case strings.ContainsFunc(answer.Token, func(c rune) bool { return c <= ' ' || c > '~' }):
		return nil, errors.New("its access_token has characters that no token has")
	case answer.ExpiresOn == 0 && answer.ExpiresIn == 0:
		return nil, errors.New("it says neither expires_on nor expires_in")
	case !until.After(asked):
		return nil, fmt.Errorf("its token ended at %s; check the clock of this machine", until.UTC().Format(time.RFC3339))
	}
	return &token{secret: answer.Token, from: asked, until: until}, nil
}

// seconds is a number that some endpoints write as a string.
type seconds int64

// longest is far beyond the life of any token, and within what a time.Time can be.
const longest = 1 << 33

// UnmarshalJSON reads 60 and "60".
func (s *seconds) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	n, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	if err != nil || n < 0 || n > longest {
		return errors.New("not a number of seconds")
	}
	*s = seconds(n)
	return nil
}

package canary

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Config is read from the environment.
type Config struct {
	Token       string
	DatabaseURL string
	apiKey      []byte
}

func (c Config) allows(r *http.Request) bool {
	return r.Header.Get("Authorization") == "Bearer "+c.Token // want G902
}

func compared(password, want string) bool { return password == want } // want G902

func notEqual(token, want string) bool { return token != want } // want G902

func (c Config) bytesEqual(given []byte) bool { return bytes.Equal(given, c.apiKey) } // want G902

func folded(r *http.Request, want string) bool {
	return strings.EqualFold(r.Header.Get("X-Api-Key"), want) // want G902
}

func ordered(secret, want string) bool { return strings.Compare(secret, want) == 0 } // want G902

func signed(key, message []byte, given string) bool {
	mac := hmac.New(sha256.New, key)
	mac.Write(message)
	want := hex.EncodeToString(mac.Sum(nil))
	return given == want // want G902
}

func switched(r *http.Request, c Config) string {
	_, given, _ := r.BasicAuth()
	switch given {
	case os.Getenv("ADMIN_PASSWORD"): // want G902
		return "admin"
	}
	return ""
}

func hashed(token string, want [32]byte) bool { return sha256.Sum256([]byte(token)) == want } // want G902

func deeply(signature, want []byte) bool { return reflect.DeepEqual(signature, want) } // want G902

func same(a, b string) bool { return a == b }

func byHelper(sessionToken, given string) bool { return same(given, sessionToken) } // want G902

func logged(r *http.Request) {
	slog.Info("request", "authorization", r.Header.Get("Authorization")) // want G903
	log.Printf("request with %v", r.Header)                              // want G903
	slog.Debug("request", slog.Any("request", r))                        // want G903
	for name, values := range r.Header {
		log.Print(name, values) // want G903
	}
	if c, err := r.Cookie("session"); err == nil {
		log.Println(c.Value) // want G903
	}
}

func (c Config) connects() error {
	fmt.Fprintln(os.Stderr, "connecting to", c.DatabaseURL) // want G903
	log.Printf("settings: %+v", c)                          // want G903
	return fmt.Errorf("connect to %s", c.DatabaseURL)       // want G903
}

func fromEnvironment(l *slog.Logger) {
	url := os.Getenv("RATES_DATABASE_URL")
	l.With("database", url).Info("start") // want G903
	l.Info("start: " + url)               // want G903
}

func ofDriver(conn *pgx.Conn) {
	slog.Info("connected", "config", conn.Config())          // want G903
	slog.Info("connected", "to", conn.Config().ConnString()) // want G903
	slog.Info("connected", "with", conn.Config().Password)   // want G903
}

func answered(w http.ResponseWriter, token string) error {
	http.Error(w, "the token "+token+" is not known", http.StatusUnauthorized) // want G903
	return errors.New("the token " + token + " is not known")                  // want G903
}

func note(format string, args ...any) { log.Printf(format, args...) }

func byNote(password string) { note("login with %s", password) } // want G903

func panics(password string) { panic("wrong password " + password) } // want G903

func oneOf(tokens []string, given string) bool { return slices.Contains(tokens, given) } // want G902

func byteByByte(secret, given []byte) bool {
	for i := range secret {
		if secret[i] != given[i] { // want G902
			return false
		}
	}
	return true
}

type refusal struct{ message string }

func (r *refusal) Error() string { return r.message }

type problem string

func (p problem) Error() string { return string(p) }

func refused(token string) error {
	return &refusal{message: "unknown token " + token} // want G903
}

func refusedInShort(password string) error {
	return problem("wrong password " + password) // want G903
}

type accessLog struct{ out io.Writer }

type entry struct{ method, agent string }

func (l *accessLog) write(r *http.Request) {
	e := &entry{method: r.Method, agent: r.Header.Get("Authorization")}
	_, _ = l.out.Write(append([]byte(e.method), e.agent...)) // want G903
}

func encoded(c Config) error {
	return json.NewEncoder(os.Stderr).Encode(c) // want G903
}

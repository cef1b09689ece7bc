package access

import (
	"slices"
	"strings"
	"testing"
)

// Only the user and the password of the section change.
func TestWithCredential(t *testing.T) {
	c := Credential{User: "new", password: "secret"}
	for name, test := range map[string]struct{ before, want string }{
		"nothing":           {"", "[rates]\nuser=new\npassword=secret\n"},
		"old credential":    {"[rates]\nuser=old\npassword=gone\n", "[rates]\nuser=new\npassword=secret\n"},
		"no final newline":  {"[rates]\nuser=old", "[rates]\nuser=new\npassword=secret\n"},
		"other keys":        {"# ours\n[rates]\nhost=db\nuser = old\nport=1\n", "# ours\n[rates]\nuser=new\npassword=secret\nhost=db\nport=1\n"},
		"other sections":    {"[a]\nuser=x\n\n[rates]\nuser=old\n[b]\npassword=y\n", "[a]\nuser=x\n\n[rates]\nuser=new\npassword=secret\n[b]\npassword=y\n"},
		"no such section":   {"[a]\nuser=x", "[a]\nuser=x\n[rates]\nuser=new\npassword=secret\n"},
		"spaces":            {"  [rates]  \n  user=old\n", "  [rates]  \nuser=new\npassword=secret\n"},
		"a similar name":    {"[rates2]\nuser=x\n", "[rates2]\nuser=x\n[rates]\nuser=new\npassword=secret\n"},
		"a similar key":     {"[rates]\nusername=x\n", "[rates]\nuser=new\npassword=secret\nusername=x\n"},
		"a commented key":   {"[rates]\n#user=x\n", "[rates]\nuser=new\npassword=secret\n#user=x\n"},
		"line ends of DOS":  {"[rates]\r\nuser=x\r\nhost=db\r\n", "[rates]\r\nuser=new\npassword=secret\nhost=db\r\n"},
		"the password only": {"[rates]\npassword=x\n", "[rates]\nuser=new\npassword=secret\n"},
	} {
		if got, err := withCredential(test.before, "rates", c); got != test.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, test.want)
		}
	}
	if _, err := withCredential("[rates]\n[rates]\n", "rates", c); err == nil || !strings.Contains(err.Error(), "[rates] twice") {
		t.Errorf("the section twice: %v", err)
	}
}

// Of any file, the section has one user and one password afterwards, writing again
// changes nothing, and no other line is lost.
func FuzzWithCredential(f *testing.F) {
	f.Add("# x\n[a]\nuser=1\n[rates]\nhost=db\nuser=2\npassword=3\n[b]\n")
	f.Add("[rates")
	f.Fuzz(func(t *testing.T, before string) {
		c := Credential{User: "new", password: "secret"}
		after, err := withCredential(before, "rates", c)
		if err != nil {
			return
		}
		again, err := withCredential(after, "rates", c)
		if err != nil || again != after {
			t.Fatalf("again: %v\n%q\n%q", err, after, again)
		}
		var users []string
		within := false
		for line := range strings.Lines(after) {
			text := strings.TrimSpace(line)
			if name, ok := sectionName(text); ok {
				within = name == "rates"
			} else if within && isCredential(text) {
				users = append(users, text)
			}
		}
		if !slices.Equal(users, []string{"user=new", "password=secret"}) {
			t.Errorf("the section has %q", users)
		}
		left := strings.Split(after, "\n")
		for line := range strings.Lines(before) {
			line = strings.TrimSuffix(line, "\n")
			if !slices.Contains(left, line) && !isCredential(strings.TrimSpace(line)) {
				t.Errorf("%q is lost", line)
			}
		}
	})
}

package script

import (
	"regexp"
	"slices"
	"strings"
)

const (
	pythonFetch = `(?:urlopen|requests\.get|urllib|httpx|URI\.open|Net::HTTP|LWP::Simple|\bfetch\()`
	windowFetch = `(?:\b(?:iwr|irm|curl|wget|invoke-webrequest|invoke-restmethod)\b|downloadstring)`
	windowRun   = `\b(?:iex|invoke-expression)\b`
)

var (
	// inline matches a program in another language that runs what it fetches:
	// exec(urlopen(…).read()), iwr … | iex.
	inline = regexp.MustCompile(`(?is)\b(?:exec|eval|os\.system)\s*\(.*` + pythonFetch + `|` + pythonFetch + `.*\b(?:exec|eval|os\.system)\s*\(|` +
		windowRun + `.*` + windowFetch + `|` + windowFetch + `[^;\n]*\|\s*` + windowRun)

	elsewhere = regexp.MustCompile(`\b(?:print|pprint|console\.\w+|puts|warn|sys\.std(?:out|err)\.write|(?:fmt\.)?Print\w*|process\.stdout\.write|core\.(?:info|notice|warning|error|debug|setOutput|exportVariable|setFailed|summary\.\w+))\b`)
	readsEnv  = regexp.MustCompile(`(?:environ|getenv|process\.env|ENV|Getenv)\b`)
)

// otherLanguage finds faults in a line of Python, JavaScript, PowerShell and the
// like, of which it knows how they usually look.
func (r *reader) otherLanguage(line string, number int) {
	if inline.MatchString(line) {
		r.fetchedAndRun("a program in another language", number)
	}
	if !elsewhere.MatchString(line) {
		return
	}
	fromEnv := readsEnv.MatchString(line) && slices.ContainsFunc(r.secrets, func(name string) bool { return strings.Contains(line, name) })
	if fromEnv || secretExpression.MatchString(line) {
		r.secretPrinted(number)
	}
}

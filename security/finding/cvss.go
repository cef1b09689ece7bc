package finding

import (
	"math"
	"strings"
)

// SeverityOfScore returns the severity of a CVSS base score, from 0.1 to 10, by the
// qualitative scale of CVSS. It is unknown for any other number.
func SeverityOfScore(score float64) Severity {
	switch {
	case score > 10 || !(score > 0):
		return Unknown
	case score >= 9:
		return Critical
	case score >= 7:
		return High
	case score >= 4:
		return Medium
	default:
		return Low
	}
}

// SeverityOfVector returns the severity of a vector of CVSS 3.0 or 3.1, such as
// CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H. It is unknown for a vector of another
// version, without impact, or incomplete.
func SeverityOfVector(vector string) Severity {
	version, rest, _ := strings.Cut(vector, "/")
	if version != "CVSS:3.0" && version != "CVSS:3.1" {
		return Unknown
	}
	values := map[string]string{}
	for metric := range strings.SplitSeq(rest, "/") {
		name, value, _ := strings.Cut(metric, ":")
		if _, twice := values[name]; twice {
			return Unknown
		}
		values[name] = value
	}
	return SeverityOfScore(baseScore(values))
}

// weights are those of section 7.4 of the specification of CVSS 3.1. The weight of
// required privileges depends on the scope.
var weights = map[string]map[string]float64{
	"AV":  {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
	"AC":  {"L": 0.77, "H": 0.44},
	"PRU": {"N": 0.85, "L": 0.62, "H": 0.27},
	"PRC": {"N": 0.85, "L": 0.68, "H": 0.5},
	"UI":  {"N": 0.85, "R": 0.62},
	"C":   {"H": 0.56, "L": 0.22, "N": 0},
	"I":   {"H": 0.56, "L": 0.22, "N": 0},
	"A":   {"H": 0.56, "L": 0.22, "N": 0},
}

// baseScore returns the base score by section 7.1 of the specification of CVSS 3.1, or
// 0 if a metric is missing or unknown.
func baseScore(values map[string]string) float64 {
	scope := values["S"]
	if scope != "U" && scope != "C" {
		return 0
	}
	w := map[string]float64{}
	for _, metric := range []string{"AV", "AC", "PR", "UI", "C", "I", "A"} {
		table := metric
		if metric == "PR" {
			table += scope
		}
		weight, ok := weights[table][values[metric]]
		if !ok {
			return 0
		}
		w[metric] = weight
	}
	iss := 1 - (1-w["C"])*(1-w["I"])*(1-w["A"])
	impact := 6.42 * iss
	if scope == "C" {
		impact = 7.52*(iss-0.029) - 3.25*math.Pow(iss-0.02, 15)
	}
	if impact <= 0 {
		return 0
	}
	score := impact + 8.22*w["AV"]*w["AC"]*w["PR"]*w["UI"]
	if scope == "C" {
		score *= 1.08
	}
	return roundUp(min(score, 10))
}

// roundUp rounds up to one decimal, as appendix A of the specification says.
func roundUp(score float64) float64 {
	whole := math.Round(score * 100_000)
	if math.Mod(whole, 10_000) == 0 {
		return whole / 100_000
	}
	return (math.Floor(whole/10_000) + 1) / 10
}

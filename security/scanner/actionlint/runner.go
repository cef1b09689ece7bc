package actionlint

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"example.com/rates/security/finding"
)

// hosted matches the labels of runners that GitHub makes for one job.
var hosted = regexp.MustCompile(`^(ubuntu|windows|macos)-(latest|[0-9.]+)(-\w+)*$`)

// runner finds a job that runs the code of a change on a machine that is there
// before and after it. An expression is allowed in an environment, whose rules decide
// who gets there.
func (w *workflow) runner(job *yaml.Node) {
	at := get(job, "runs-on")
	if at == nil {
		return
	}
	for _, label := range labels(job, at) {
		if hosted.MatchString(label) || strings.Contains(label, "${{") && get(job, "environment") != nil {
			continue
		}
		w.add(selfHosted, finding.High, at.Line, "A change runs on "+label+", which may be a machine of one's own: what it leaves there meets the next job.",
			"Run it on a runner of GitHub, such as ubuntu-24.04, or move the job into a workflow for main.")
		return
	}
}

var fromMatrix = regexp.MustCompile(`^\$\{\{\s*matrix\.([\w-]+)\s*\}\}$`)

// labels returns the labels that a job asks for: one, several, those of a group, or
// those of its matrix.
func labels(job, at *yaml.Node) []string {
	switch at.Kind {
	case yaml.ScalarNode:
		if m := fromMatrix.FindStringSubmatch(at.Value); m != nil {
			if list := items(get(get(get(job, "strategy"), "matrix"), m[1])); len(list) > 0 {
				return scalars(list)
			}
		}
		return []string{at.Value}
	case yaml.SequenceNode:
		return scalars(items(at))
	default:
		if group := get(at, "group"); group != nil {
			return []string{"the group " + group.Value}
		}
		if list := get(at, "labels"); list != nil {
			return labels(job, list)
		}
		return []string{"a runner that is not named"}
	}
}

func scalars(nodes []*yaml.Node) []string {
	texts := make([]string, len(nodes))
	for i, n := range nodes {
		texts[i] = n.Value
	}
	return texts
}

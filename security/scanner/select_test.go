package scanner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSelect(t *testing.T) {
	all := []Scanner{Gate{ID: "gosec"}, Gate{ID: "gitleaks"}, Gate{ID: "tflint"}}
	for title, tt := range map[string]struct {
		names []string
		want  []string
	}{
		"all for no name":     {nil, []string{"gosec", "gitleaks", "tflint"}},
		"in the order of all": {[]string{"tflint", "gosec"}, []string{"gosec", "tflint"}},
		"a name given twice":  {[]string{"gosec", "gosec"}, []string{"gosec"}},
	} {
		t.Run(title, func(t *testing.T) {
			selected, err := Select(all, tt.names)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range selected {
				got = append(got, s.Name())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	_, err := Select(all, []string{"gosec", "gosek"})
	if err == nil || !strings.Contains(err.Error(), `no gate "gosek"; there are gosec, gitleaks, tflint`) {
		t.Errorf("error %v, want the unknown name, and the known ones", err)
	}
}

package script

import "testing"

// What is not a shell's language hides nothing: neither in its own line nor in the
// lines around it.
func TestWhatDoesNotParse(t *testing.T) {
	check(t, "remote-script:2", []string{
		"core.info(\"x\")\ncurl https://example.com/x | bash",
		"if [ -n \"$x\" ]; then\n  curl https://example.com/x | bash\n",
		"echo \"unclosed\ncurl https://example.com/x | sudo bash",
		"true\neval \"$(curl https://example.com/x",
		"true\nbash <(curl https://example.com/x",
		"if ($x) {\n  (curl https://example.com/x | bash\n}",
	})
	check(t, "secret-printed:2", []string{"foo(\"x\")\necho $TOKEN", "if ($x) {\nWrite-Host $env:TOKEN )"})
	check(t, "environment-from-input:2", []string{"foo(\"x\")\necho \"$TITLE\" >> $GITHUB_ENV", "true\necho \"($TITLE\" >> $GITHUB_ENV ("})
	check(t, "", []string{"foo(\"x\")\ncurl https://example.com/x | sort", "foo(\"x\")\nbash build.sh"})
}

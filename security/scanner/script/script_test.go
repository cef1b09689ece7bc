package script

import (
	"fmt"
	"strings"
	"testing"
)

// rulesIn returns the rule and line of each fault in a script that has the variables
// TOKEN, a secret, and TITLE, which others choose.
func rulesIn(text string) string {
	var rules []string
	for _, f := range Faults(text, Context{Secrets: []string{"TOKEN"}, Inputs: []string{"TITLE"}}) {
		rules = append(rules, fmt.Sprintf("%s:%d", f.Rule, f.Line))
	}
	return strings.Join(rules, " ")
}

func check(t *testing.T, want string, scripts []string) {
	t.Helper()
	for _, text := range scripts {
		if got := rulesIn(text); got != want {
			t.Errorf("%s\ngot %q, want %q", text, got, want)
		}
	}
}

func TestFetchedAndRun(t *testing.T) {
	check(t, "remote-script:1", []string{
		`curl -s https://example.com/x | sh`,
		`wget -qO- https://example.com/x | sudo -E bash -s -- -y`,
		`curl "https://example.com/x?a=1&b=2" | python3 -`,
		`curl https://example.com/x | gunzip | bash`,
		`curl https://example.com/x | tee /tmp/x | /bin/sh`,
		`(curl -fsS https://example.com/x) | bash`,
		`{ curl -fsS https://example.com/x; } | bash`,
		`cd /tmp && curl https://example.com/x |& bash`,
		`source <(curl https://example.com/x)`,
		`bash -s < <(curl -s https://example.com/x)`,
		`bash <<< "$(curl https://example.com/x)"`,
		"eval `curl https://example.com/x`",
		`sudo bash -c "$(wget -qO - https://example.com/x)"`,
		`python -c "$(curl https://example.com/x)"`,
		`python3 -c "import urllib.request as u; exec(u.urlopen('https://example.com/x').read())"`,
		`curl https://example.com/x | xargs -0 sh -c`,
		`gh api repos/a/b/contents/x | bash`,
		`curl https://example.com/x | node`,
		"curl -fsSL https://example.com/x |\n  bash",
		"curl -fsSL \\\n  https://example.com/x \\\n  | bash",
		`iwr https://example.com/x.ps1 | iex`,
		`Invoke-Expression ((New-Object Net.WebClient).DownloadString('https://example.com/x'))`,
	})
	check(t, "remote-script:2", []string{
		"curl -fsSLo x.sh https://example.com/x\nbash x.sh",
		"wget https://example.com/x.sh\nchmod +x x.sh\n",
		"curl https://example.com/x > /tmp/x\nsudo sh /tmp/x",
		"curl -O https://example.com/x.sh\n./x.sh",
		"code=$(curl https://example.com/x)\neval \"$code\"",
		"code=$(curl https://example.com/x)\necho \"$code\" | bash",
	})
	check(t, "", []string{
		`curl https://example.com/x | shasum`,
		`curl https://example.com/x | jq .`,
		`curl -o x https://example.com/x && bash y`,
		`echo curl; echo x | sh`,
		`# curl https://example.com/x | sh`,
		`./list | sh`,
		"curl -fsSLo x.sh https://example.com/x\nsha256sum --check x.sum\nbash x.sh",
		`status=$(curl -s -o /dev/null -w '%{http_code}' https://example.com/x)`,
		"answer=$(curl -s https://example.com/x)\necho \"$answer\" | jq .",
		`git fetch origin main && bash check`,
		"grep -m1 '^curl' README.md | bash",
	})
}

func TestSecretsArePrinted(t *testing.T) {
	check(t, "secret-printed:1", []string{
		`echo "$TOKEN"`, `echo "the token is ${TOKEN}"`, `printf '%s\n' "$TOKEN"`, `echo ${{ secrets.DEPLOY }}`,
		`echo "${{ secrets['DEPLOY'] }}" > key.pem`, `echo "$TOKEN" | base64`, `echo "$TOKEN" | rev | tee log`,
		`echo "t=$TOKEN" >> "$GITHUB_OUTPUT"`, `echo "TOKEN=$TOKEN" >>$GITHUB_ENV`, `cat <<< "$TOKEN"`,
		`env`, `env | sort`, `printenv TOKEN`, `printenv`, `export -p`, `set -x`, `set -eux`, `declare -p`,
		`echo "$DB_PASSWORD"`, `echo "${{ env.TOKEN }}"`, "cat <<EOF > settings\ntoken = $TOKEN\nEOF",
		`python3 -c 'import os; print(os.environ["TOKEN"])'`, `node -e 'console.log(process.env.TOKEN)'`,
		`Write-Host $env:TOKEN`, `echo ${{ github.token }}`, `core.info("${{ secrets.DEPLOY }}")`, `echo %TOKEN%`, `[ -n "$TOKEN" ] && echo $TOKEN`,
		`tee token.txt <<< "$TOKEN"`, `logger "$TOKEN"`,
	})
	check(t, "secret-printed:2", []string{
		"copy=$TOKEN\necho $copy", "python3 - <<'EOF'\nprint(os.environ['TOKEN'])\nEOF",
	})
	check(t, "", []string{
		`echo "$TOKEN" | docker login --username x --password-stdin`, `printf %s "$TOKEN" | gh auth login --with-token`,
		`echo "::add-mask::$TOKEN"`, `echo "token: ${TOKEN:+set}"`, `echo "${#TOKEN} bytes"`, `echo token`, `./deploy "$TOKEN"`,
		`curl -H "Authorization: Bearer $TOKEN" https://example.com/`, `env NAME=x ./deploy`, `set -euo pipefail`, `echo '${{ secrets.DEPLOY != '' }}'`,
		`echo "$TOKEN_FILE"`, `echo "$TOKENS_LEFT"`, `echo "$TITLE"`, `printenv HOME`, `echo "$TOKEN" > /dev/null`,
	})
}

func TestSettingsOfInput(t *testing.T) {
	check(t, "environment-from-input:1", []string{
		`echo "T=$TITLE" >> "$GITHUB_ENV"`, `echo "$TITLE" >> $GITHUB_PATH`, `echo "t=${TITLE}" | tee -a "$GITHUB_OUTPUT"`,
		`echo "T=${{ github.event.issue.title }}" >> $GITHUB_ENV`, `echo "T=${{ github.head_ref }}" >> $GITHUB_ENV`, `echo "v=${{ inputs.version }}" >> "$GITHUB_OUTPUT"`,
		`echo "B=$GITHUB_HEAD_REF" >> $GITHUB_ENV`, `echo "::set-output name=t::$TITLE"`, `echo "::set-env name=T::$TITLE"`,
		`printf 'T=%s\n' "$TITLE" >> ${GITHUB_ENV}`, "cat >> $GITHUB_ENV <<EOF\nT=$TITLE\nEOF", `echo "T=$(gh pr view --json title)" >> $GITHUB_ENV`,
	})
	check(t, "environment-from-input:2", []string{
		"title=$TITLE\necho \"T=$title\" >> $GITHUB_ENV", "{\n  echo \"T=$TITLE\"\n} >> \"$GITHUB_ENV\"",
		"title=$(jq -r .issue.title \"$GITHUB_EVENT_PATH\")\necho \"T=$title\" >> $GITHUB_ENV",
	})
	check(t, "", []string{
		`echo "S=${{ github.sha }}" >> $GITHUB_ENV`, `echo "n=${{ github.event.pull_request.number }}" >> $GITHUB_OUTPUT`, `echo "n=$(date)" >> $GITHUB_OUTPUT`,
		`echo "$HOME/bin" >> $GITHUB_PATH`, `echo "$TITLE" >> notes`, `echo "ready=$ready" | tee -a "${GITHUB_OUTPUT:-/dev/null}"`,
		`echo "s=${{ github.event.pull_request.head.sha }}" >> $GITHUB_OUTPUT`,
	})
}

func FuzzFaults(f *testing.F) {
	f.Add("curl x |\n sh <<EOF\n$TOKEN\nEOF\n{ a; } >>$GITHUB_ENV")
	f.Add("'\\\n\"$(`|&>")
	f.Fuzz(func(t *testing.T, text string) {
		for _, fault := range Faults(text, Context{Secrets: []string{"TOKEN"}, Inputs: []string{"TITLE"}}) {
			if lines := strings.Count(text, "\n") + 1; fault.Line < 1 || fault.Line > lines || fault.Rule == "" || fault.Help == "" {
				t.Errorf("%+v in %d lines", fault, lines)
			}
		}
	})
}

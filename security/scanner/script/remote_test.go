package script

import (
	"slices"
	"testing"
)

func runsDownload(text string) bool {
	return slices.ContainsFunc(Faults(text, Context{}), func(f Fault) bool { return f.Rule == Remote })
}

func TestRunsDownload(t *testing.T) {
	for _, script := range []string{
		"curl -fsSL https://example.com/install.sh | sh",
		"curl -fsSL 'https://example.com/i?a=1&b=2' | sudo -E bash -",
		"wget -qO- https://example.com/i | sh -s -- --yes",
		"curl https://example.com/i | tee log | bash",
		"curl https://example.com/i |& bash",
		"set -e; apt-get update && curl -L https://example.com/i|sh",
		`sh -c "$(curl -fsSL https://example.com/i)"`,
		`bash -c "curl -L https://example.com/i | bash"`,
		"bash <(curl -s https://example.com/i)",
		". <(wget -O - https://example.com/i)",
		"eval `curl -s https://example.com/i`",
		`eval "$(wget -qO- https://example.com/i)"`,
		"(cd /tmp && curl https://example.com/i | sh)",
		"if true; then curl https://example.com/i | sh; fi",
		"curl https://example.com/i.py | python3",
		"curl https://example.com/i.py | python3 - --yes",
		"curl https://example.com/i | /bin/busybox sh",
		"curl https://example.com/i | env A=b bash",
		"curl -o /tmp/i.sh https://example.com/i && sh /tmp/i.sh",
		"curl -Lo i.sh https://example.com/i\nchmod +x i.sh && ./i.sh",
		"curl -LO https://example.com/i.sh; bash ./i.sh",
		"wget https://example.com/dir/i.sh && . ./i.sh",
		"wget -O /usr/local/bin/tool https://example.com/tool && chmod 755 /usr/local/bin/tool",
		"curl https://example.com/tool > /usr/local/bin/tool && chmod a+x /usr/local/bin/tool",
		"curl -o tool.deb https://example.com/tool.deb && dpkg -i tool.deb",
		"curl \\\n  https://example.com/i \\\n  | sh",
		`python3 -c "import urllib.request as u; exec(u.urlopen('https://example.com').read())"`,
		"irm https://example.com/i.ps1 | iex",
		"iex ((New-Object Net.WebClient).DownloadString('https://example.com'))",
	} {
		if !runsDownload(script) {
			t.Errorf("%q runs what it downloads, and was accepted", script)
		}
	}
	for _, script := range []string{
		"",
		"curl -fsS https://example.com/data.json | jq .",
		"curl https://example.com/data | python3 -m json.tool",
		`curl https://example.com/data | python3 -c "import json"`,
		"curl https://example.com/data | perl -ne 'print'",
		"curl https://example.com/data | tar xz -C /opt",
		"curl https://example.com/data | sh check.sh",
		"curl https://example.com/data || sh recover.sh",
		"curl https://example.com/data; sh build.sh",
		"curl -o data.json https://example.com/data && python3 read.py data.csv",
		"curl -Lo tool https://example.com/tool && echo 'abc  tool' | sha256sum -c && chmod +x tool",
		"wget https://example.com/i.sh i.sh.asc && gpg --verify i.sh.asc && sh i.sh",
		"curl -o data https://example.com/data && chmod 644 data",
		"# curl https://example.com/i | sh\nmake",
		"echo 'curl https://example.com/i | sh' > README",
		"apt-get install --yes curl | tee log",
		"go build ./... && sh test.sh",
	} {
		if runsDownload(script) {
			t.Errorf("%q was refused", script)
		}
	}
}

func FuzzRunsDownload(f *testing.F) {
	f.Add("curl https://example.com | sh")
	f.Add("sh -c \"$(curl 'a' `b`)\" # c\\")
	f.Fuzz(func(t *testing.T, text string) {
		if runsDownload(text) && !runsDownload("true\n"+text) {
			t.Errorf("%q is accepted after another command", text)
		}
	})
}

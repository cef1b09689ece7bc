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
		`curl https://example.com/x | ${SHELL:-bash}`,
		"S=bash\ncurl https://example.com/x | $S",
		`curl https://example.com/x | (sleep 1; bash)`,
		`curl https://example.com/x | while read -r l; do eval "$l"; done`,
		`fetch_it() { curl -fsSL "$1"; }; fetch_it https://x | bash`,
		"dl() { curl -o \"$2\" \"$1\"; }\ndl https://example.com/x x.sh\nbash x.sh",
		"curl -o a https://example.com/x\nmv a /usr/local/bin/tool\nchmod +x /usr/local/bin/tool",
		"curl -o a https://example.com/x; sudo install -m 0755 a /usr/local/bin/",
		"curl -o a https://example.com/x; sha256sum a; bash a",
		"bash <<EOF\ncurl https://example.com/x | sh\nEOF",
		"bash <<EOF\n$(curl https://example.com/x)\nEOF",
		"ssh host 'bash -s' < <(curl https://example.com/x)",
		"curl https://example.com/x | ssh host bash -s",
		"cat <<'EOF' | bash\ncurl https://example.com/x | sh\nEOF",
		"curl -o x.sh https://example.com/x; cat x.sh | sh",
		"curl -o x.sh https://example.com/x; sh < x.sh",
		"curl https://example.com/x | xargs -I{} sh -c '{}'",
		"curl https://example.com/x | timeout 30 bash",
		"curl https://example.com/x | sudo -u root bash",
		"curl https://example.com/x | nice -n 5 bash",
		"$(curl https://example.com/x)",
		"x=$(curl https://example.com/x | sh)",
		"for i in 1 2; do curl https://example.com/$i | sh; done",
		"case $1 in a) curl https://example.com/x | sh;; esac",
		"f() { curl https://example.com/x | sh; }",
		"curl https://example.com/x > >(bash)",
		"curl https://example.com/x | tee >(bash)",
		"bash -c \"bash -c 'curl https://example.com/x | bash'\"",
		"url=https://example.com/x; curl $url | python3",
		"curl https://example.com/x \\\n | bash",
		"core.info(\"x\")\ncurl https://example.com/x | bash",
		"if [ -n \"$x\" ]; then\n  curl https://example.com/x | bash\n",
		"echo \"unclosed\ncurl https://example.com/x | bash",
		"eval \"$(curl https://example.com/x\n",
		"bash <(curl https://example.com/x",
		"su - app -c 'curl https://example.com/x | sh'",
		"curl https://example.com/x -o- | bash",
		"wget https://example.com/x -O- | bash",
		"wget -O /tmp/x https://example.com/x\nsource /tmp/x",
		"wget -O - https://example.com/x | perl",
		"! curl https://example.com/x | bash",
		"time curl https://example.com/x | bash",
		"curl https://example.com/x | bash &",
		"curl ${{ inputs.url }} | bash",
		"curl \"${{ inputs['url'] }}\" |\n ${{ inputs.shell }} -c x; curl -o ${{ runner.temp }}/x u; bash ${{ runner.temp }}/x",
		"curl -o x https://example.com/x; pip install ./x",
		"curl -o x.tgz https://example.com/x.tgz; npm install -g ./x.tgz",
		"{ curl https://example.com/x; } > i.sh; bash i.sh",
		"wget -q https://example.com/i.sh -P /tmp; bash /tmp/i.sh",
		"curl https://example.com/x | docker exec -i c bash",
		"curl https://example.com/x | kubectl exec -i p -- sh",
		"python3 <(curl https://example.com/x)",
		"code=`curl https://example.com/x`; bash -c \"$code\"",
		"read -r code < <(curl https://example.com/x); eval \"$code\"",
		"cat > x.sh <<'EOF'\ncurl https://example.com/x | sh\nEOF\nbash x.sh",
		"docker run --rm alpine sh -c 'curl https://example.com/x | sh'",
		"curl -o x https://example.com/x; chmod u+x,g+x x",
		"curl -fsSLo/tmp/x https://example.com/x; bash /tmp/x",
		"curl https://example.com/x -o \"$HOME/x.sh\"; bash $HOME/x.sh",
		"trap 'curl https://example.com/x | sh' EXIT",
		"find . -exec sh -c 'curl https://example.com/x | sh' \\;",
		"bash -c 'eval \"$1\"' _ \"$(curl https://example.com/x)\"",
		"curl https://example.com/x | gpg --dearmor | bash",
		"export C=\"$(curl https://example.com/x)\"; bash -c \"$C\"",
		"a=(); a+=(\"$(curl https://example.com/x)\"); eval \"${a[0]}\"",
		"alias g='curl https://example.com/x | sh'",
		"printf '%s' \"$(curl https://example.com/x)\" | sh",
		"curl https://example.com/x > x; perl x",
		"cd /tmp\ncurl -O https://example.com/x\nsudo ./x --yes",
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
		"curl -o d.json https://example.com/x; python3 read.py d.json",
		"v=$(curl https://example.com/latest); python3 deploy.py --version \"$v\"",
		"python3 deploy.py \"$(curl -s https://example.com/latest)\"",
		"wget https://example.com/test; test -f x",
		"curl https://example.com/x | grep bash",
		"verify() { sha256sum -c \"$1\"; }\ncurl -o x https://example.com/x\nverify x.sum\nbash x",
		"curl -o x https://example.com/x\n[ \"$(sha256sum x | cut -d' ' -f1)\" = abc ] && bash x",
		"if curl https://example.com/health; then bash build.sh; fi",
		"curl https://example.com/list | while read -r l; do echo \"$l\"; done",
		"until curl https://example.com/h; do sleep 1; done; bash x.sh",
		"cat <<'EOF' > README\ncurl https://example.com/x | sh\nEOF",
		"echo \"curl https://example.com/x | sh\"",
		"curl https://example.com/x | sudo tee /etc/apt/x.list",
		"curl https://example.com/k | sudo gpg --dearmor -o /usr/share/k.gpg",
		"curl https://example.com/x | ssh host 'cat > x'",
		"curl https://example.com/x | sort | xargs -n1 echo",
		"curl https://example.com/x | bash -n check.sh",
		"bash script.sh < <(curl https://example.com/data)",
		"curl -o c https://example.com/c; install -m 644 c /etc/c",
		"curl https://example.com/x | tar xz; cd x; ./configure",
		"curl https://example.com/x | node build.js",
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

package hadolint

import "strings"

// help says what to do about a finding by the class of its rule: hadolint only names
// it. The page of each rule, which the report links, has an example.
func help(rule string) string {
	switch rule {
	case "DL3002":
		return "End the stage that is shipped with USER and the number of a user that is not root."
	case "DL3000", "DL3045":
		return "Write absolute paths, or set WORKDIR first."
	case "DL3001", "DL3004":
		return "Leave the command out: it has no use in an image, or raises privileges. Switch users with USER."
	case "DL3003":
		return "Change the folder with WORKDIR, not with cd."
	case "DL3006", "DL3007", "DL3026", "DL3029":
		return "Write FROM with a registry that is trusted, a version and its digest, as in NAME:1.2@sha256:…, and without a fixed --platform."
	case "DL3008", "DL3013", "DL3016", "DL3018", "DL3028", "DL3033", "DL3037", "DL3041", "DL3062":
		return "Name the version of each package, or install from a lock file with checksums."
	case "DL3005", "DL3017", "DL3031", "DL3035", "DL3039":
		return "Do not upgrade packages while building; choose a newer base image by its digest."
	case "DL3009", "DL3014", "DL3015", "DL3019", "DL3027", "DL3030", "DL3032", "DL3034", "DL3036", "DL3038", "DL3040", "DL3042", "DL3059", "DL3060":
		return "Call the package manager as the rule says, without questions and recommended packages, and remove its cache in the same RUN."
	case "DL3010", "DL3020", "DL3021", "DL3022", "DL3023", "DL3046":
		return "Copy with COPY, from an earlier stage or an image by its digest, and give several sources a folder that ends with a slash."
	case "DL3011":
		return "Expose a port from 0 to 65535."
	case "DL3012", "DL3024", "DL3043", "DL3044", "DL3061", "DL3063":
		return "Write each instruction where it is allowed and once, give each stage a name of its own, and refer only to what was set before."
	case "DL3025":
		return `Write CMD and ENTRYPOINT as a list: ["program", "argument"].`
	case "DL3047", "DL4001":
		return "Fetch with one program, quietly, and compare the checksum."
	case "DL3048", "DL3049", "DL3050", "DL3051", "DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3058":
		return "Give the label a valid name and a value of its kind, or leave it out."
	case "DL3057":
		return "Add HEALTHCHECK, or write HEALTHCHECK NONE where whoever runs the image checks it."
	case "DL4000":
		return "Write LABEL org.opencontainers.image.authors instead of MAINTAINER."
	case "DL4003", "DL4004":
		return "Keep only the last CMD and the last ENTRYPOINT of a stage."
	case "DL4005":
		return "Change the shell with SHELL, not by replacing /bin/sh."
	case "DL4006":
		return `Write SHELL ["/bin/bash", "-o", "pipefail", "-c"] before a RUN with a pipe, or avoid the pipe.`
	}
	if strings.HasPrefix(rule, "SC") {
		return "Change the script as the page about " + rule + " says."
	}
	return "Change the instruction as the page about " + rule + " says."
}

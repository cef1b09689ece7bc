package gosec

// help says what to do about a finding: gosec only names it.
func help(rule string) string {
	switch rule {
	case "G101":
		return "Revoke the secret where it was issued, and read the new one from the environment or a vault."
	case "G102":
		return "Listen on one address, not on all."
	case "G104":
		return "Handle the error, or return it."
	case "G107", "G704":
		return "Compare the host with a list of allowed ones."
	case "G112", "G114":
		return "Use an http.Server with ReadHeaderTimeout and its other time limits."
	case "G109", "G115":
		return "Check the range before the conversion."
	case "G110", "G120":
		return "Limit how much is read, with io.CopyN or http.MaxBytesReader."
	case "G122", "G304", "G305", "G703":
		return "Open files through os.Root, which cannot leave its folder."
	case "G201", "G202", "G701":
		return "Pass values as parameters ($1), never as part of the statement."
	case "G203", "G705", "G708":
		return "Let html/template escape the value."
	case "G204", "G702":
		return "Run a fixed program, and check each argument that comes from outside."
	case "G301":
		return "Give the folder the mode 0750 or less."
	case "G302", "G306", "G307":
		return "Give the file the mode 0600 or less."
	case "G303":
		return "Use os.CreateTemp or os.MkdirTemp."
	case "G401", "G405", "G406", "G501", "G502", "G503", "G505", "G506", "G507":
		return "Use SHA-256 for digests and AES-GCM for encryption."
	case "G402", "G123":
		return "Verify certificates, and ask for TLS 1.2 or later."
	case "G404":
		return "Use crypto/rand for values that must not be guessed."
	case "G706":
		return "Log the value as an attribute of log/slog, which quotes it."
	default:
		return "See the explanation of the rule."
	}
}

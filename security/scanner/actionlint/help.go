package actionlint

// help says what to do about a mistake by its kind: actionlint only names it.
func help(kind string) string {
	switch kind {
	case "action":
		return "Give the action the inputs that it has and needs, in a version that runs on today's runners."
	case "credentials":
		return "Read the password from a secret, and replace it where it was issued."
	case "deprecated-commands":
		return "Write to the file that GITHUB_ENV, GITHUB_OUTPUT, GITHUB_PATH or GITHUB_STATE names."
	case "events", "glob":
		return "Write events and their filters as GitHub's page on events has them."
	case "expression", "if-cond":
		return "Use contexts, functions and names that exist there, with values of their type."
	case "job-needs", "id":
		return "Name jobs and steps that exist, each once, without circles."
	case "matrix", "env-var", "shell-name", "runner-label":
		return "Use a name or a value that is defined for this job and its runner."
	case "permissions":
		return "Write permissions that exist, with read, write or none."
	case "workflow-call":
		return "Give the called workflow the inputs and secrets that it declares."
	default:
		return "Change the workflow as the page on actionlint's checks says."
	}
}

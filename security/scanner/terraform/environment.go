package tftest

// Environment is what Terraform is told by its environment when it is run by a
// program, to test.
func Environment() []string {
	return []string{
		"TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		// For each run it starts the provider anew, which lives for half a second and
		// ends before its garbage is worth collecting.
		"GOGC=400",
	}
}

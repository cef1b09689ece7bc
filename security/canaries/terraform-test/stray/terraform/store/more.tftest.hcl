run "never_runs" {
  command = plan
}

run "there_are_stores" {
  command = plan

  assert {
    condition     = length(terraform_data.store) == 2
    error_message = "There must be two stores."
  }
}

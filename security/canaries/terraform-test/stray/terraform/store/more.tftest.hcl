run "the_store_is_encrypted" {
  command = plan

  assert {
    condition     = terraform_data.store.input.encrypted
    error_message = "The store must be encrypted."
  }
}

run "the_store_keeps_what_was_deleted" {
  command = plan

  assert {
    condition     = terraform_data.store.input.retention >= 30
    error_message = "What was deleted must be kept for 30 days."
  }
}

run "nobody_hears_of_this" {
  command = plan
}

config {
  disabled_by_default = true
  force               = true
}

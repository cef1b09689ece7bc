resource "terraform_data" "store" {
  input = {
    encrypted = true
    retention = 30
  }
}

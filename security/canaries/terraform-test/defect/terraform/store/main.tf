resource "terraform_data" "store" {
  input = {
    encrypted = false
    retention = 30
  }
}

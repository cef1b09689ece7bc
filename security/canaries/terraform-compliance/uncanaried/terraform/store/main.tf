resource "terraform_data" "store" {
  for_each = toset(["archive", "orders"])

  input = {
    name      = each.key
    encrypted = true
  }
}

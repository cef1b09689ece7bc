variable "role" {
  type = string
}

resource "terraform_data" "grant" {
  input = { role = var.role }
}

module canary

go 1.26

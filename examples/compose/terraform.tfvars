database_password = "made-up-database-password"

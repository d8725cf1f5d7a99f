"""The sample shop: a mail server inside the program, its mails, and customers who answer."""

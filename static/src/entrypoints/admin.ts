import "../styles/admin.css";

import "../styles/landing.css";

import "../chat/chat.css";
